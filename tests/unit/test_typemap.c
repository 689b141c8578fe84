#include <string.h>

#include "common/typemap.h"
#include "tests/tap.h"

static struct typemap *
parse(const char *json)
{
	struct typemap *m = NULL;
	struct err err = ERR_INIT;

	eq_int(typemap_parse(&m, slice_str(json), "map.json", &err), 0);
	return m;
}

/* `want` NULL: there is no name for it. */
static void
converts(bool (*convert)(const struct typemap *, struct slice *), const struct typemap *m,
         const char *type, const char *want)
{
	struct slice s = slice_str(type);
	bool found = convert(m, &s);

	ok(found == (want != NULL));
	ok(slice_is(s, want ? want : type));
}

static void
refused(const char *json, const char *why)
{
	struct typemap *m = NULL;
	struct err err = ERR_INIT;

	eq_int(typemap_parse(&m, slice_str(json), "map.json", &err), -1);
	eq_int(err.kind, ERR_USAGE);
	ok(strstr(err.msg, "type map map.json: ") == err.msg);
	ok(strstr(err.msg, why) != NULL);
	ok(m == NULL);
}

void
test_types_of_the_table_get_their_names_and_others_keep_theirs(void)
{
	struct typemap *m = parse("{\"OrderPlaced\":\"order_placed\",\"Zahlung\":\"Überwiesen\"}");

	converts(typemap_convert, m, "OrderPlaced", "order_placed");
	converts(typemap_convert, m, "Zahlung", "Überwiesen");
	converts(typemap_convert, m, "Other", "Other");
	converts(typemap_back, m, "order_placed", "OrderPlaced");
	converts(typemap_back, m, "Other", "Other");
	typemap_free(m);
}

void
test_a_type_that_has_the_new_name_of_another_has_none(void)
{
	struct typemap *m = parse("{\"A\":\"B\"}");

	converts(typemap_convert, m, "B", NULL);
	converts(typemap_back, m, "A", NULL);
	typemap_free(m);
}

void
test_types_may_change_names_with_each_other(void)
{
	struct typemap *m = parse("{\"A\":\"B\",\"B\":\"A\",\"C\":\"C\"}");

	converts(typemap_convert, m, "A", "B");
	converts(typemap_convert, m, "B", "A");
	converts(typemap_convert, m, "C", "C");
	converts(typemap_back, m, "A", "B");
	typemap_free(m);
}

void
test_an_empty_table_changes_nothing(void)
{
	struct typemap *m = parse("{}");

	converts(typemap_convert, m, "A", "A");
	converts(typemap_back, m, "", "");
	typemap_free(m);
}

void
test_the_order_in_the_file_does_not_count(void)
{
	struct typemap *a = parse("{\"A\":\"1\",\"B\":\"2\"}"),
		       *b = parse("{\"B\":\"2\",\"A\":\"1\"}");
	struct typemap *c = parse("{\"A\":\"2\",\"B\":\"1\"}");
	struct buf bytes[3] = {BUF_INIT, BUF_INIT, BUF_INIT};
	int i;

	typemap_encode(a, &bytes[0]);
	typemap_encode(b, &bytes[1]);
	typemap_encode(c, &bytes[2]);
	ok(slice_eq(buf_slice(&bytes[0]), buf_slice(&bytes[1])));
	ok(!slice_eq(buf_slice(&bytes[0]), buf_slice(&bytes[2])));
	for (i = 0; i < 3; i++)
		buf_release(&bytes[i]);
	typemap_free(a);
	typemap_free(b);
	typemap_free(c);
}

void
test_what_is_no_table_is_refused_with_line_or_key(void)
{
	refused("", "line 1, column 0: ");
	refused("{\n \"A\": ", "line 2, ");
	refused("{\"A\":\"B\",\n\"A\":\"C\"}", "line 2, column ");
	refused("[]", "one object");
	refused("{\"A\":1}", "key \"A\": must be a string");
	refused("{\"A\":\"\"}", "key \"A\": must be a string that is not empty");
	refused("{\"A\":\"C\",\"B\":\"C\"}", "\"A\" and \"B\": both become \"C\"");
}

void
test_a_file_that_is_not_there_is_wrong_use(void)
{
	struct typemap *m;
	struct err err = ERR_INIT;

	eq_int(typemap_open(&m, "/nowhere/at/all.json", &err), -1);
	eq_int(err.kind, ERR_USAGE);
}

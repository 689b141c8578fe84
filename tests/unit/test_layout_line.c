#include "common/layout_impl.h"
#include "tests/tap.h"

static const char file[] = "{\n"
			   "  \"a\": {\n"
			   "    \"b\": {\"x\": 1,\n"
			   "      \"y\": \"{\\n\"},\n"
			   "    \"b.c\": {\"x\": 1},\n"
			   "    \"\\u00e4\": 1\n"
			   "  },\n"
			   "  \"x\": [1,\n"
			   "    2]\n"
			   "}\n";

static void
is_in_line(const char *where, const char *key, unsigned line)
{
	if (!eq_uint(layout_line(slice_str(file), where, key), line))
		eq_str(where, key ? key : "");
}

void
test_a_member_is_in_the_line_of_its_name(void)
{
	is_in_line("a", NULL, 2);
	is_in_line("a.b", NULL, 3);
	is_in_line("a.b", "x", 3);
	is_in_line("a.b", "y", 4);
	is_in_line("", "x", 8);
	is_in_line("a.\xC3\xA4", NULL, 6);
}

void
test_names_have_dots(void)
{
	is_in_line("a.b.c", NULL, 5);
	is_in_line("a.b.c", "x", 5);
}

void
test_what_is_missing_is_in_the_line_of_what_should_have_it(void)
{
	is_in_line("", "y", 1);
	is_in_line("a", "x", 2);
	is_in_line("a.z", "x", 2);
	is_in_line("a.b.z", NULL, 3);
	is_in_line("x.a", "y", 8);
	is_in_line("ab", NULL, 1);
	is_in_line("a.b.x", "y", 3);
}

void
test_a_file_that_is_no_object_is_one_line(void)
{
	eq_uint(layout_line(SLICE_LIT("\n[1]"), "a", "b"), 1);
}

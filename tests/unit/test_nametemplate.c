#include <stdlib.h>
#include <string.h>

#include "common/nametemplate.h"
#include "tests/tap.h"

/* What the template makes of a name; NULL: it does not fit.  For free(). */
static char *
convert(const char *text, bool back, const char *name)
{
	struct nametemplate *t = NULL;
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	char *made = NULL;

	if (!eq_int(nametemplate_parse(&t, text, &err), 0))
		return NULL;
	if (nametemplate_convert(t, back, slice_str(name), &out))
		made = xstrdup(buf_cstr(&out));
	else
		eq_uint(out.len, 0);
	buf_release(&out);
	nametemplate_free(t);
	return made;
}

/* `want` NULL: it does not fit. */
static void
check(const char *text, bool back, const char *name, const char *want)
{
	char *made = convert(text, back, name);

	if (want)
		eq_str(made, want);
	else
		ok(made == NULL);
	free(made);
}

static void
there(const char *text, const char *name, const char *want)
{
	check(text, false, name, want);
}

static void
back(const char *text, const char *name, const char *want)
{
	check(text, true, name, want);
}

static void
refused(const char *text, const char *why)
{
	struct nametemplate *t = NULL;
	struct err err = ERR_INIT;

	eq_int(nametemplate_parse(&t, text, &err), -1);
	eq_int(err.kind, ERR_USAGE);
	ok(strstr(err.msg, why) != NULL);
	ok(t == NULL);
}

void
test_parts_go_where_the_other_form_has_them(void)
{
	there("{category}-{id}={category}:{id}", "order-7", "order:7");
	back("{category}-{id}={category}:{id}", "order:7", "order-7");
	there("{a}.{b}.{c}={c}/{a}/{b}", "1.2.3", "3/1/2");
	back("{a}.{b}.{c}={c}/{a}/{b}", "3/1/2", "1.2.3");
	there("{name}={name}", "any-thing", "any-thing");
	there("Order-{id}=orders/{id}/v1", "Order-x", "orders/x/v1");
	back("Order-{id}=orders/{id}/v1", "orders/x/v1", "Order-x");
}

void
test_a_part_ends_where_the_text_behind_it_first_stands(void)
{
	there("{category}-{id}={category}:{id}", "a-b-c", "a:b-c");
	there("{category}-{id}={category}:{id}", "a--b", "a:-b");
	there("{category}-{id}={category}:{id}", "-a-b", "-a:b");
	there("{a}::{b}={a}|{b}", "x:::y", "x|:y");
}

void
test_the_last_part_takes_the_rest_up_to_the_text_at_the_end(void)
{
	there("{a}-{b}-x={a}.{b}", "p-q-x-x", "p.q-x");
	there("{a}-{b}-x={a}.{b}", "p-x", NULL);
	there("{a}-{b}-x={a}.{b}", "p-q", NULL);
}

void
test_a_name_that_lacks_a_part_does_not_fit(void)
{
	static const char *const names[] = {"", "-", "order", "order-", "-7"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		there("{category}-{id}={category}:{id}", names[i], NULL);
	there("x{a}={a}", "y1", NULL);
	there("x{a}={a}", "x", NULL);
}

void
test_a_template_without_parts_is_one_name(void)
{
	there("settings=app/settings", "settings", "app/settings");
	back("settings=app/settings", "app/settings", "settings");
	there("settings=app/settings", "settings2", NULL);
	there("settings=app/settings", "setting", NULL);
}

void
test_a_backslash_makes_a_byte_plain(void)
{
	there("{a}\\={b}={a}\\{{b}\\}", "1=2", "1{2}");
	back("{a}\\={b}={a}\\{{b}\\}", "1{2}", "1=2");
	there("\\\\{a}={a}", "\\x", "x");
}

void
test_bytes_that_are_not_ascii_are_as_good_as_others(void)
{
	there("{a}→{b}={b}·{a}", "käufer→ä1", "ä1·käufer");
	back("{a}→{b}={b}·{a}", "ä1·käufer", "käufer→ä1");
}

void
test_what_is_no_template_is_refused_with_the_reason(void)
{
	refused("", "no =");
	refused("{a}", "no =");
	refused("={a}", "empty");
	refused("{a}=", "empty");
	refused("{a}=b", "left form is not in the right");
	refused("b={a}", "right form is not in the left");
	refused("{a}-{a}={a}", "twice");
	refused("{a}={a}-{a}", "twice");
	refused("{a}{b}={a}-{b}", "side by side");
	refused("{a}-{b}={a}{b}", "side by side");
	refused("{}={}", "letters, digits");
	refused("{a b}={a b}", "letters, digits");
	refused("{a={a}", "letters, digits");
	refused("a}={a}", "backslash");
	refused("{a}={a}\\", "backslash");
	refused("{a}\xFF={a}", "UTF-8");
	refused("{a}.{b}.{c}.{d}.{e}.{f}.{g}.{h}.{i}.{j}.{k}.{l}.{m}.{n}.{o}.{p}.{q}=x", "16");
}

#include <string.h>

#include "common/printable.h"
#include "tests/tap.h"

static void
becomes(const char *text, const char *utf8, const char *line)
{
	char copy[80];

	strcpy(copy, text);
	printable_utf8((uint8_t *)copy, strlen(copy));
	eq_str(copy, utf8);
	strcpy(copy, text);
	printable_line((uint8_t *)copy, strlen(copy), '.');
	eq_str(copy, line);
}

void
test_text_stays_as_it_is(void)
{
	static const char text[] = "a \xC2\xA0 \xC3\xA4 \xE2\x82\xAC \xF4\x8F\xBF\xBF ~";

	becomes(text, text, text);
	becomes("", "", "");
}

void
test_what_is_no_utf8_becomes_question_marks(void)
{
	becomes("a\xFF|\xC3|\xE2\x82|\xC0\x80", "a?|?|??|??", "a?|?|??|??");
	becomes("\xED\xA0\x80|\xF4\x90\x80\x80", "???|????", "???|????");
}

void
test_control_characters_are_for_nobody(void)
{
	becomes("a\x1B[2J\n\t\x7F", "a\x1B[2J\n\t\x7F", "a.[2J...");
	becomes("\xC2\x9B"
	        "2J\xC2\x80",
	        "\xC2\x9B"
	        "2J\xC2\x80",
	        "..2J..");
}

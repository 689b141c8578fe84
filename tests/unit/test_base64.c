#include <string.h>

#include "common/base64.h"
#include "tests/guard.h"
#include "tests/tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

void
test_vectors_of_rfc_4648(void)
{
	static const char *const vectors[][2] = {
	    {"", ""},
	    {"f", "Zg=="},
	    {"fo", "Zm8="},
	    {"foo", "Zm9v"},
	    {"foob", "Zm9vYg=="},
	    {"fooba", "Zm9vYmE="},
	    {"foobar", "Zm9vYmFy"},
	};
	struct buf b = BUF_INIT;
	struct guard g;

	guard_init(&g, 4096);
	for (size_t i = 0; i < COUNT(vectors); i++) {
		b.len = 0;
		base64_encode(guard_end(&g, slice_str(vectors[i][0])), &b);
		eq_str(buf_cstr(&b), vectors[i][1]);
		b.len = 0;
		eq_int(base64_decode(guard_end(&g, slice_str(vectors[i][1])), &b), 0);
		eq_str(buf_cstr(&b), vectors[i][0]);
	}
	guard_release(&g);
	buf_release(&b);
}

void
test_the_whole_alphabet_in_order(void)
{
	static const char all[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf bytes = BUF_INIT, text = BUF_INIT;

	eq_int(base64_decode(SLICE_LIT(all), &bytes), 0);
	eq_uint(bytes.len, 48);
	for (unsigned i = 0; i < 64 && bytes.len == 48; i++) {
		unsigned bit = i * 6, at = bit / 8;
		unsigned two = (unsigned)bytes.p[at] << 8 | (at < 47 ? bytes.p[at + 1] : 0U);

		eq_uint(two >> (10 - bit % 8) & 63, i);
	}
	base64_encode(buf_slice(&bytes), &text);
	eq_str(buf_cstr(&text), all);
	buf_release(&bytes);
	buf_release(&text);
}

/* Appends to what is there, and reads nothing outside. */
void
test_all_lengths_come_back(void)
{
	struct buf text = BUF_INIT, back = BUF_INIT;
	uint8_t bytes[300];
	struct guard g;

	guard_init(&g, 4096);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 167 + (i >> 3));
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		text.len = back.len = 0;
		buf_add_str(&text, ">");
		buf_add_str(&back, "<");
		base64_encode(guard_end(&g, (struct slice){bytes, len}), &text);
		eq_uint(text.len - 1, (len + 2) / 3 * 4);
		eq_int(base64_decode(guard_end(&g, (struct slice){text.p + 1, text.len - 1}),
		                     &back),
		       0);
		eq_mem(back.p + 1, back.len - 1, bytes, len);
		ok(text.p[0] == '>' && back.p[0] == '<');
	}
	guard_release(&g);
	buf_release(&text);
	buf_release(&back);
}

static void
refused(struct slice text)
{
	struct buf b = BUF_INIT;

	buf_add_str(&b, "kept");
	eq_int(base64_decode(text, &b), -1);
	eq_str(buf_cstr(&b), "kept");
	buf_release(&b);
}

void
test_decoding_is_strict(void)
{
	static const char *const bad[] = {
	    "Z",         "Zg",        "Zg=",       "Zm8",      "Zm9vY",     "Zm9vYg=",  "=",
	    "==",        "===",       "====",      "Z===",     "=Zg=",      "Zg=g",     "Z=g=",
	    "Zg==Zg==",  "Zm8=Zm8=",  "Zg==Zm9v",  "Zm9v=",    "Zm9v====",  "Zm9vZ===", "Zh==",
	    "Zi==",      "Zk==",      "Zo==",      "Zv==",     "Zm9=",      "Zm+=",     "Zm8=\n",
	    "Zm9v\n",    "Zm9v\r\n",  "Zm\n9v",    " Zm9",     "Zm9 ",      "Zm 9",     "Zm-_",
	    "-m9v",      "Z_9v",      "Zm,v",      "Zm9\x7f",  "Zm9\x80",   "\xffm9v",  "Zm9v!m9v",
	    "Zm9vZm8==", "Zm9v Zm9v", "Zm9vZm9v ", "Zm9vZg=A", "Zm9vA=\n=", "Zm9vZm8-",
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		refused(slice_str(bad[i]));
	refused(SLICE_LIT("Zm9\0"));
	refused(SLICE_LIT("\0\0\0\0"));
}

void
test_every_byte_outside_of_the_alphabet_is_refused(void)
{
	for (unsigned c = 0; c < 256; c++) {
		bool member = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		              (c >= '0' && c <= '9') || c == '+' || c == '/';

		for (size_t at = 0; at < 8; at++) {
			uint8_t text[8];
			struct buf b = BUF_INIT;

			memset(text, 'A', sizeof(text));
			text[at] = (uint8_t)c;
			if (member || (c == '=' && at == 7))
				eq_int(base64_decode((struct slice){text, 8}, &b), 0);
			else
				refused((struct slice){text, 8});
			buf_release(&b);
		}
	}
}

/* Of the texts that differ in spare bits only, one is right. */
void
test_spare_bits_are_zero(void)
{
	static const char all[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf b = BUF_INIT;

	for (unsigned i = 0; i < 64; i++) {
		uint8_t one[] = {'A', (uint8_t)all[i], '=', '='};
		uint8_t two[] = {'A', 'A', (uint8_t)all[i], '='};

		eq_int(base64_decode((struct slice){one, 4}, &b), i % 16 ? -1 : 0);
		eq_int(base64_decode((struct slice){two, 4}, &b), i % 4 ? -1 : 0);
	}
	buf_release(&b);
}

#include "tests/tap.h"
#include "verify/claims.h"

#define BYTES(s)                                                                                   \
	{                                                                                          \
		.kind = PAYLOAD_BYTES, .bytes = SLICE_LIT(s)                                       \
	}

static bool
holds(const char *content_type, struct slice bytes)
{
	struct event e = {.content_type = slice_str(content_type),
	                  .data = {.kind = PAYLOAD_BYTES, .bytes = bytes}};
	char why[CLAIMS_TEXT_BYTES];

	return claims_hold(&e, FIELD_DATA, why);
}

void
test_json_by_its_content_type(void)
{
	static const char *const types[] = {
	    "application/json",
	    "APPLICATION/JSON",
	    "text/json",
	    "application/vnd.shop+json",
	    "application/json;charset=utf-8",
	    "application/json ; charset=\"UTF-8\"",
	    "application/json; v=1; Charset=us-ascii",
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		ok(holds(types[i], SLICE_LIT(" {\"a\":1.10} ")));
		ok(!holds(types[i], SLICE_LIT("{\"a\":1.10")));
		ok(!holds(types[i], SLICE_LIT("\"\xff\"")));
	}
}

void
test_cbor_by_its_content_type(void)
{
	static const char *const types[] = {"application/cbor", "Application/CBOR ;x=y",
	                                    "application/senml+cbor"};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		ok(holds(types[i], SLICE_LIT("\x81\x01")));
		ok(!holds(types[i], SLICE_LIT("\x82\x01")));
		ok(!holds(types[i], SLICE_LIT("\x01\x01")));
	}
}

void
test_text_by_its_content_type(void)
{
	static const char *const types[] = {"text/plain", "text/csv; header=present",
	                                    "text/html; charset=utf-8",
	                                    "application/x; charset=UTF8"};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		ok(holds(types[i], SLICE_LIT("gr\xc3\xbcn")));
		ok(!holds(types[i], SLICE_LIT("gr\xfcn")));
	}
}

void
test_what_claims_nothing_is_never_wrong(void)
{
	static const char *const types[] = {
	    NULL,
	    "",
	    ";",
	    ";;; =",
	    "application/octet-stream",
	    "application/x-protobuf",
	    "application/cbor-seq",
	    "application/x-ndjson",
	    "application/json-seq",
	    "application/json; charset=utf-16",
	    "text/plain; charset=iso-8859-1",
	    "text/html",
	    "text/xml",
	    "application/soap+xml",
	    "json",
	    "+",
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++)
		ok(holds(types[i], SLICE_LIT("\xff{")));
}

void
test_no_bytes_and_an_encoding_claim_nothing(void)
{
	struct attr encoding = {SLICE_LIT("Content-Encoding"), SLICE_LIT("\"gzip\"")};
	struct event e = {.content_type = SLICE_LIT("application/json"), .data = BYTES("\x1f\x8b")};
	char why[CLAIMS_TEXT_BYTES];

	ok(!claims_hold(&e, FIELD_DATA, why));
	e.attrs = &encoding;
	e.n_attrs = 1;
	ok(claims_hold(&e, FIELD_DATA, why));
	encoding.name = SLICE_LIT("Content-Encodings");
	ok(!claims_hold(&e, FIELD_DATA, why));
	ok(holds("application/json", SLICE_LIT("")));
	e.data = (struct payload){.kind = PAYLOAD_NONE};
	ok(claims_hold(&e, FIELD_DATA, why));
}

void
test_text_that_the_store_keeps_is_json_unless_the_content_type_says_else(void)
{
	struct attr hint = {SLICE_LIT("$data"), SLICE_LIT("\"text\"")};
	struct event e = {.data = BYTES("hello"), .attrs = &hint, .n_attrs = 1};
	char why[CLAIMS_TEXT_BYTES];

	ok(!claims_hold(&e, FIELD_DATA, why));
	eq_str(why, "is kept as JSON text, but is not: unexpected byte at byte 0 of 5");
	e.content_type = SLICE_LIT("text/plain");
	ok(claims_hold(&e, FIELD_DATA, why));
	e.content_type = SLICE_ABSENT;
	hint.value = SLICE_LIT("\"blob\"");
	ok(claims_hold(&e, FIELD_DATA, why));
	hint = (struct attr){SLICE_LIT("$metadata"), SLICE_LIT("\"text\"")};
	e.metadata = (struct payload)BYTES("{");
	ok(claims_hold(&e, FIELD_DATA, why));
	ok(!claims_hold(&e, FIELD_METADATA, why));
	e.content_type = SLICE_LIT("text/plain"); /* is about data only */
	ok(!claims_hold(&e, FIELD_METADATA, why));
}

void
test_json_that_claims_to_be_something_else(void)
{
	struct event e = {.data = {.kind = PAYLOAD_JSON, .bytes = SLICE_LIT("{\"a\":1}")}};
	char why[CLAIMS_TEXT_BYTES];

	ok(claims_hold(&e, FIELD_DATA, why));
	e.content_type = SLICE_LIT("application/json");
	ok(claims_hold(&e, FIELD_DATA, why));
	e.content_type = SLICE_LIT("text/plain");
	ok(claims_hold(&e, FIELD_DATA, why));
	e.content_type = SLICE_LIT("application/cbor");
	ok(!claims_hold(&e, FIELD_DATA, why));
	e.data = (struct payload){.kind = PAYLOAD_CBOR, .bytes = SLICE_LIT("\x81\x01")};
	ok(claims_hold(&e, FIELD_DATA, why));
	e.content_type = SLICE_LIT("application/json");
	ok(!claims_hold(&e, FIELD_DATA, why));
}

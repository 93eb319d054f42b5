/* Z85 (RFC 32). */
#include "tests/c_api/check.h"

static const uint8_t hello_octets[] = {0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B}; /* RFC 32 */
static const char hello_text[] = "HelloWorld";

static void the_example_of_the_rfc_goes_both_ways(void)
{
    char text[11];
    uint8_t octets[8];
    CHECK(zmq_z85_encode(text, hello_octets, sizeof hello_octets) == text);
    CHECK(strcmp(text, hello_text) == 0);
    CHECK(zmq_z85_decode(octets, hello_text) == octets);
    CHECK(memcmp(octets, hello_octets, sizeof octets) == 0);
}

static void every_octet_goes_both_ways(void)
{
    uint8_t octets[256];
    uint8_t decoded[256];
    char text[321];
    for (int i = 0; i < 256; ++i)
        octets[i] = (uint8_t)(255 - i);
    CHECK(zmq_z85_encode(text, octets, sizeof octets) != NULL);
    CHECK(strlen(text) == 320);
    CHECK(zmq_z85_decode(decoded, text) == decoded);
    CHECK(memcmp(octets, decoded, sizeof octets) == 0);
}

static void what_is_no_group_is_refused(void)
{
    char text[16] = "untouched";
    uint8_t octets[16];
    CHECK_FAILS_WITH_NULL(zmq_z85_encode(text, octets, 5), EINVAL);
    CHECK_FAILS_WITH_NULL(zmq_z85_encode(NULL, octets, 4), EINVAL);
    CHECK_FAILS_WITH_NULL(zmq_z85_encode(text, NULL, 4), EINVAL);
    CHECK(strcmp(text, "untouched") == 0);
    CHECK(zmq_z85_encode(text, octets, 0) == text);
    CHECK(text[0] == '\0');

    CHECK_FAILS_WITH_NULL(zmq_z85_decode(octets, ""), EINVAL);
    CHECK_FAILS_WITH_NULL(zmq_z85_decode(octets, "Hell"), EINVAL);
    CHECK_FAILS_WITH_NULL(zmq_z85_decode(octets, "HelloW"), EINVAL);
    CHECK_FAILS_WITH_NULL(zmq_z85_decode(octets, NULL), EINVAL);
    CHECK_FAILS_WITH_NULL(zmq_z85_decode(NULL, hello_text), EINVAL);
}

static void the_largest_group_is_not_passed(void)
{
    uint8_t octets[4];
    CHECK(zmq_z85_decode(octets, "%nSc0") == octets);
    CHECK(memcmp(octets, "\xff\xff\xff\xff", 4) == 0);
    CHECK_FAILS_WITH_NULL(zmq_z85_decode(octets, "%nSc1"), EINVAL);
    CHECK_FAILS_WITH_NULL(zmq_z85_decode(octets, "#####"), EINVAL);
}

static void only_the_alphabet_is_read(void)
{
    static const char alphabet[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    uint8_t octets[4];
    for (int c = 1; c < 256; ++c)
    {
        const char text[6] = {'0', '0', '0', '0', (char)c, '\0'};
        if (strchr(alphabet, c) != NULL)
            CHECK(zmq_z85_decode(octets, text) == octets);
        else
            CHECK_FAILS_WITH_NULL(zmq_z85_decode(octets, text), EINVAL);
    }
}

int main(void)
{
    the_example_of_the_rfc_goes_both_ways();
    every_octet_goes_both_ways();
    ONLY_HERE(what_is_no_group_is_refused());
    the_largest_group_is_not_passed();
    only_the_alphabet_is_read();
    return finish();
}

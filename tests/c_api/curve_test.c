/* Key pairs for CURVE: with libsodium; without it neither call does anything. */
#include "tests/c_api/check.h"

static const char some_secret[] = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"; /* of zmq_curve(7) */
static const char its_public[] = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

static void nothing_goes_through_curve(void)
{
    CHECK(zmq_has("curve") == 0);
}

#ifdef FERRY_HAS_SODIUM

static void a_key_pair_is_two_texts_of_forty_characters(void)
{
    char public_key[42];
    char secret_key[42];
    char derived[42];
    public_key[41] = secret_key[41] = derived[41] = '!';
    CHECK(zmq_curve_keypair(public_key, secret_key) == 0);
    CHECK(strlen(public_key) == 40 && public_key[41] == '!');
    CHECK(strlen(secret_key) == 40 && secret_key[41] == '!');
    CHECK(strcmp(public_key, secret_key) != 0);
    CHECK(zmq_curve_public(derived, secret_key) == 0);
    CHECK(strcmp(derived, public_key) == 0 && derived[41] == '!');
}

static void no_two_key_pairs_are_the_same(void)
{
    char public_key[2][41];
    char secret_key[2][41];
    for (int i = 0; i < 2; ++i)
        CHECK(zmq_curve_keypair(public_key[i], secret_key[i]) == 0);
    CHECK(strcmp(public_key[0], public_key[1]) != 0);
    CHECK(strcmp(secret_key[0], secret_key[1]) != 0);
}

static void the_public_key_follows_from_the_secret_one(void)
{
    char derived[41];
    CHECK(zmq_curve_public(derived, some_secret) == 0);
    CHECK(strcmp(derived, its_public) == 0);
}

static void what_is_no_key_is_refused(void)
{
    char key[41] = "untouched";
    CHECK_FAILS(zmq_curve_public(key, ""), EINVAL);
    CHECK_FAILS(zmq_curve_public(key, "short"), EINVAL);
    CHECK_FAILS(zmq_curve_public(key, "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh"), EINVAL);
    CHECK_FAILS(zmq_curve_public(key, "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh60"), EINVAL);
    CHECK_FAILS(zmq_curve_public(key, "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh600000"), EINVAL);
    CHECK_FAILS(zmq_curve_public(key, "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh~"), EINVAL);
    CHECK_FAILS(zmq_curve_public(key, "#####56789012345678901234567890123456789"), EINVAL);
    CHECK_FAILS(zmq_curve_public(key, NULL), EINVAL);
    CHECK_FAILS(zmq_curve_public(NULL, some_secret), EINVAL);
    CHECK_FAILS(zmq_curve_keypair(NULL, key), EINVAL);
    CHECK_FAILS(zmq_curve_keypair(key, NULL), EINVAL);
    CHECK(strcmp(key, "untouched") == 0);
}

int main(void)
{
    nothing_goes_through_curve();
    a_key_pair_is_two_texts_of_forty_characters();
    no_two_key_pairs_are_the_same();
    the_public_key_follows_from_the_secret_one();
    what_is_no_key_is_refused();
    return finish();
}

#else

static void no_keys_are_made(void)
{
    char public_key[41];
    char secret_key[41];
    CHECK_FAILS(zmq_curve_keypair(public_key, secret_key), ENOTSUP);
    CHECK_FAILS(zmq_curve_public(public_key, some_secret), ENOTSUP);
    CHECK_FAILS(zmq_curve_keypair(NULL, NULL), ENOTSUP);
    CHECK_FAILS(zmq_curve_public(NULL, NULL), ENOTSUP);
    (void)its_public;
}

int main(void)
{
    nothing_goes_through_curve();
    no_keys_are_made();
    return finish();
}

#endif

/*
 * token.c - "aigwctl token encode": the gateway token as clients send it.
 *
 * Runs in: aigwctl.
 * Owns: nothing.
 */
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "aigwctl/aigwctl.h"
#include "base/crypto.h"
#include "base/secret.h"

/* Read a line without showing it: its length, 0 for none. */
static size_t
token_prompt(char *dst, size_t size)
{
	struct termios old, quiet;
	int tty = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &old) == 0;
	size_t n;

	if (tty) {
		fprintf(stderr, "gateway token: ");
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	if (fgets(dst, (int)size, stdin) == NULL)
		dst[0] = '\0';
	if (tty) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
		fprintf(stderr, "\n");
	}
	n = strcspn(dst, "\r\n");
	dst[n] = '\0';
	return n;
}

int
token_main(struct ctl *c, int argc, char **argv)
{
	char text[4096];
	struct str token;
	struct buf b;

	if (argc < 2 || argc > 3 || strcmp(argv[1], "encode") != 0) {
		fprintf(stderr, "usage: aigwctl token encode [TEXT]\n");
		return EXIT_BAD_USAGE;
	}
	token = argc == 3 ? str_of(argv[2]) :
	    str_make(text, token_prompt(text, sizeof(text)));
	if (token.n == 0) {
		fprintf(stderr, "aigwctl: an empty token protects nothing\n");
		return EXIT_FAILED;
	}
	buf_init(&b, 65536);
	if (crypto_base64(&b, token) < 0) {
		fprintf(stderr, "aigwctl: token too long\n");
		return EXIT_FAILED;
	}
	if (c->json)
		printf("{\"token\":\"%.*s\",\"header\":"
		    "\"Authorization: Bearer %.*s\"}\n",
		    STR_ARG(buf_str(&b)), STR_ARG(buf_str(&b)));
	else
		printf("%.*s\nAuthorization: Bearer %.*s\n",
		    STR_ARG(buf_str(&b)), STR_ARG(buf_str(&b)));
	secret_wipe(buf_ptr(&b), buf_len(&b));
	secret_wipe(text, sizeof(text));
	buf_free(&b);
	return EXIT_DONE;
}

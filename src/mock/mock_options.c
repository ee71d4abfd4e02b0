/*
 * mock_options.c - the command line of aigw-mock.
 *
 * Runs in: aigw-mock, before anything else.
 * Owns: nothing.
 *
 * Options that can change while running become members of the configuration
 * object, so that a script, an option and the control path mean the same.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/num.h"
#include "mock/mock_conf.h"
#include "mock/mock_options.h"

static const struct option longs[] = {
	{ "listen", required_argument, NULL, 'l' },
	{ "control", required_argument, NULL, 'c' },
	{ "tls", required_argument, NULL, 't' },
	{ "workers", required_argument, NULL, 'w' },
	{ "script", required_argument, NULL, 's' },
	{ "replay", required_argument, NULL, 'r' },
	{ "log", required_argument, NULL, 'o' },
	{ "seed", required_argument, NULL, 'S' },
	{ "latency", required_argument, NULL, 'L' },
	{ "first-token", required_argument, NULL, 'F' },
	{ "token-rate", required_argument, NULL, 'R' },
	{ "answer-tokens", required_argument, NULL, 'A' },
	{ "chunk-bytes", required_argument, NULL, 'C' },
	{ "models", required_argument, NULL, 'm' },
	{ "require-key", required_argument, NULL, 'k' },
	{ "no-digest", no_argument, NULL, 'D' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 }
};

static void
usage(FILE *f)
{
	fputs("usage: aigw-mock [--listen ADDR:PORT] [--control ADDR:PORT]\n"
	    "\t[--tls CERT KEY] [--workers N] [--script FILE]\n"
	    "\t[--replay DIR] [--log FILE] [--seed N] [--latency TIME]\n"
	    "\t[--first-token TIME] [--token-rate N] [--answer-tokens N]\n"
	    "\t[--no-digest] [--chunk-bytes N] [--models A,B,...] [--require-key KEY,...]\n",
	    f);
}

static int
bad(const char *what)
{
	fprintf(stderr, "aigw-mock: %s\n", what);
	usage(stderr);
	return 2;
}

/* Where the text of an option goes; NULL: it is more than a text. */
static const char **
slot(struct mock_options *o, int ch)
{
	switch (ch) {
	case 'l': return &o->listen;
	case 'c': return &o->control;
	case 's': return &o->script;
	case 'r': return &o->replay;
	case 'o': return &o->log;
	case 'L': return &o->latency;
	case 'F': return &o->first_token;
	case 'R': return &o->token_rate;
	case 'A': return &o->answer_tokens;
	case 'C': return &o->chunk_bytes;
	case 'm': return &o->models;
	case 'k': return &o->require_key;
	default: return NULL;
	}
}

static int
one_option(struct mock_options *o, int ch, int argc, char **argv)
{
	const char **text = slot(o, ch);
	uint64_t n;

	if (text != NULL) {
		*text = optarg;
		return 0;
	}
	switch (ch) {
	case 't':
		if (optind >= argc)
			return bad("--tls needs a certificate and a key");
		o->tls_cert = optarg;
		o->tls_key = argv[optind++];
		return 0;
	case 'w':
		if (num_u64(str_of(optarg), &n) != 0 || n < 1 || n > 64)
			return bad("--workers: 1 to 64");
		o->workers = (int)n;
		return 0;
	case 'D':
		o->no_digest = 1;
		return 0;
	case 'S':
		o->seed_set = 1;
		return num_u64(str_of(optarg), &o->seed) == 0 ? 0 :
		    bad("--seed: a number");
	case 'h':
		usage(stdout);
		return -1;
	case 'V':
		printf("aigw-mock %s\n", VERSION);
		return -1;
	default:
		usage(stderr);
		return 2;
	}
}

int
mock_options_parse(struct mock_options *o, int argc, char **argv)
{
	int ch, rc;

	memset(o, 0, sizeof(*o));
	o->listen = "127.0.0.1:9001";
	o->workers = 1;
	while ((ch = getopt_long(argc, argv, "l:c:w:hV", longs, NULL)) != -1)
		if ((rc = one_option(o, ch, argc, argv)) != 0)
			return rc;
	return optind < argc ? bad("too many arguments") : 0;
}

static void
put_text(struct json_object *o, const char *name, const char *text)
{
	if (text != NULL)
		json_object_object_add(o, name, json_object_new_string(text));
}

static void
put_list(struct json_object *o, const char *name, const char *text)
{
	struct json_object *l;
	struct str rest, part;

	if (text == NULL)
		return;
	l = json_object_new_array();
	rest = str_of(text);
	while (str_split(&rest, ',', &part))
		if (part.n > 0)
			json_object_array_add(l,
			    json_object_new_string_len(part.p, (int)part.n));
	json_object_object_add(o, name, l);
}

static int
apply_script(const struct mock_options *o, struct mock_shared *s, char *err,
    size_t size)
{
	struct buf b;
	int rc;

	if (o->script == NULL)
		return 0;
	buf_init(&b, MOCK_CONF_MAX);
	if ((rc = fd_read_file(o->script, &b)) != 0)
		snprintf(err, size, "%s: cannot read", o->script);
	else
		rc = mock_conf_change(s, buf_str(&b), 1, err, size);
	buf_free(&b);
	return rc;
}

int
mock_options_apply(const struct mock_options *o, struct mock_shared *s,
    char *err, size_t errsize)
{
	struct json_object *c;
	int rc;

	if ((rc = apply_script(o, s, err, errsize)) != 0)
		return rc;
	c = json_object_new_object();
	put_text(c, "latency", o->latency);
	put_text(c, "first_token", o->first_token);
	put_text(c, "token_rate", o->token_rate);
	put_text(c, "answer_tokens", o->answer_tokens);
	put_text(c, "chunk_bytes", o->chunk_bytes);
	if (o->no_digest)
		json_object_object_add(c, "digest",
		    json_object_new_boolean(0));
	put_list(c, "models", o->models);
	put_list(c, "require_key", o->require_key);
	rc = mock_conf_change(s, str_of(json_object_to_json_string(c)), 1,
	    err, errsize);
	json_object_put(c);
	return rc;
}

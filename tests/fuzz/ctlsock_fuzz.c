/*
 * ctlsock_fuzz.c - request lines of the control socket, any bytes.
 *
 * Runs in: the fuzzer, and "make check" on its corpus.
 * Owns: nothing.
 *
 * What is accepted keeps to the limits, and words and options together are
 * no more than what was sent.
 */
#include "admin/ctl.h"
#include "base/err.h"
#include "fuzz.h"

static const struct ctl_opt opts[] = {
	{ "--tier", "TIER", "" }, { "--fast", NULL, "" },
	{ "--budget", "B", "" }, { NULL, NULL, NULL }
};
static const struct ctl_cmd table[] = {
	{ "help", "", "", NULL, 0, 2, 0, NULL },
	{ "status", "", "", NULL, 0, 0, 0, NULL },
	{ "stop", "", "", opts, 0, 0, 0, NULL },
	{ "key create", "", "", opts, 0, 1, 0, NULL },
	{ "key list", "", "", NULL, 0, 0, 0, NULL },
	{ NULL, NULL, NULL, NULL, 0, 0, 0, NULL }
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(1024);
	struct ctl_call *call = arena_zalloc(a, sizeof(*call));
	char err[128] = "";
	int i, rc;

	rc = ctl_request_parse(a, str_make((const char *)data, size),
	    &call->req, err, sizeof(err));
	ASSERT((rc < 0) == (err[0] != '\0'));
	if (rc == 0) {
		ASSERT(call->req.argc > 0 && call->req.argc <= CTL_ARGS_MAX);
		for (i = 0; i < call->req.argc; i++)
			ASSERT(strlen(call->req.argv[i]) <= CTL_ARG_MAX);
		rc = ctl_request_match(table, call, err, sizeof(err));
		ASSERT((rc < 0) == (err[0] != '\0'));
	}
	if (rc == 0) {
		ASSERT(call->n_words >= call->cmd->min &&
		    call->n_words <= call->cmd->max);
		ASSERT(call->n_words + call->n_opts < call->req.argc);
		for (i = 0; i < call->n_opts; i++)
			ASSERT(ctl_opt(call, call->opt[i].opt->name) != NULL);
	}
	arena_free(&a);
	return 0;
}

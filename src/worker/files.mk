# Files of worker/.
worker_sources = \
	src/worker/apilog.c src/worker/apilog.h \
	src/worker/caller.c src/worker/caller.h \
	src/worker/client.h src/worker/serve.c src/worker/serve_body.c \
	src/worker/endpoint.c src/worker/endpoint.h \
	src/worker/facts.c \
	src/worker/flow.c src/worker/flow.h src/worker/flow_out.c \
	src/worker/flow_hide.c src/worker/flow_tap.c src/worker/flow_withhold.c \
	src/worker/hide.c src/worker/hide.h \
	src/worker/local.c src/worker/local.h src/worker/local_models.c \
	src/worker/local_able.c src/worker/local_ollama.c \
	src/worker/look.c src/worker/look.h \
	src/worker/logline.c src/worker/logline.h \
	src/worker/preface.c src/worker/preface.h \
	src/worker/overload.c src/worker/overload.h \
	src/worker/provider.c \
	src/worker/req.c src/worker/req.h \
	src/worker/req_account.c src/worker/req_admit.c \
	src/worker/req_answer.c src/worker/req_auth.c \
	src/worker/req_body.c src/worker/req_commit.c \
	src/worker/req_decode.c src/worker/req_form.c \
	src/worker/req_fail.c src/worker/req_head.c src/worker/req_key.c \
	src/worker/req_local.c src/worker/req_open.c \
	src/worker/req_relay.c src/worker/req_reserve.c \
	src/worker/req_route.c src/worker/req_try.c \
	src/worker/req_upstream.c \
	src/worker/rotation.c \
	src/worker/session.c src/worker/session.h \
	src/worker/speak.c src/worker/speak.h \
	src/worker/flow_translate.c \
	src/worker/translate.c src/worker/translate.h \
	src/worker/translating.h \
	src/worker/slowness.c src/worker/slowness.h \
	src/worker/style.c src/worker/style.h \
	src/worker/unified.c src/worker/unified.h \
	src/worker/where.c src/worker/where.h \
	src/worker/worker.c src/worker/worker.h

# Files of the upstream layer.
noinst_LIBRARIES += libupstream.a
libupstream_a_CFLAGS = $(AM_CFLAGS) $(LTO_CFLAGS)
libupstream_a_SOURCES = \
	src/lib/upstream/complaint.c src/lib/upstream/complaint.h \
	src/lib/upstream/cred.c src/lib/upstream/cred.h \
	src/lib/upstream/dial.c src/lib/upstream/dial.h \
	src/lib/upstream/fetch.c src/lib/upstream/fetch.h \
	src/lib/upstream/fetch_curl.c src/lib/upstream/fetch_h1.c \
	src/lib/upstream/fetch_impl.h \
	src/lib/upstream/inflate.c src/lib/upstream/inflate.h \
	src/lib/upstream/keyfault.c src/lib/upstream/keyfault.h \
	src/lib/upstream/multi.c src/lib/upstream/multi.h \
	src/lib/upstream/multi_impl.h src/lib/upstream/multi_proxy.c \
	src/lib/upstream/multi_xfer.c \
	src/lib/upstream/outcome.c src/lib/upstream/outcome.h \
	src/lib/upstream/pool.c src/lib/upstream/pool.h \
	src/lib/upstream/retry_after.c src/lib/upstream/retry_after.h

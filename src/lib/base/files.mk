# Files of the base layer.
noinst_LIBRARIES += libbase.a
libbase_a_CFLAGS = $(AM_CFLAGS) $(LTO_CFLAGS)
libbase_a_SOURCES = \
	src/lib/base/arena.c src/lib/base/arena.h \
	src/lib/base/board.c src/lib/base/board.h src/lib/base/counters.h \
	src/lib/base/buf.c src/lib/base/buf.h \
	src/lib/base/clock.c src/lib/base/clock.h \
	src/lib/base/crypto.c src/lib/base/crypto.h \
	src/lib/base/crypto_crc32c.c src/lib/base/crypto_mem.c \
	src/lib/base/crypto_pem.c \
	src/lib/base/err.c src/lib/base/err.h \
	src/lib/base/ev.c src/lib/base/ev.h \
	src/lib/base/faultpoint.c src/lib/base/faultpoint.h \
	src/lib/base/fd.c src/lib/base/fd.h \
	src/lib/base/hmap.c src/lib/base/hmap.h \
	src/lib/base/jscan.c src/lib/base/jscan.h \
	src/lib/base/jfind.c src/lib/base/jfind.h \
	src/lib/base/jscan_text.c src/lib/base/jscan_text.h \
	src/lib/base/jscan_value.c \
	src/lib/base/json.c src/lib/base/json.h \
	src/lib/base/lease.c src/lib/base/lease.h \
	src/lib/base/log.c src/lib/base/log.h \
	src/lib/base/num.c src/lib/base/num.h \
	src/lib/base/probe.c src/lib/base/probe.h \
	src/lib/base/quote.c src/lib/base/quote.h \
	src/lib/base/rng.c src/lib/base/rng.h \
	src/lib/base/rota.c src/lib/base/rota.h \
	src/lib/base/secret.c src/lib/base/secret.h \
	src/lib/base/slice.c src/lib/base/slice.h \
	src/lib/base/str.c src/lib/base/str.h \
	src/lib/base/xalloc.c src/lib/base/xalloc.h

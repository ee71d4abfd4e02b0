# Files of the net layer.
noinst_LIBRARIES += libnet.a
libnet_a_CFLAGS = $(AM_CFLAGS) $(LTO_CFLAGS)
libnet_a_SOURCES = \
	src/lib/net/addr.c src/lib/net/addr.h \
	src/lib/net/chars.c src/lib/net/chars.h \
	src/lib/net/form.c src/lib/net/form.h \
	src/lib/net/hdr.c src/lib/net/hdr.h src/lib/net/hdr_lookup.h \
	src/lib/net/http1.c src/lib/net/http1.h \
	src/lib/net/http1_body.c src/lib/net/http1_body.h \
	src/lib/net/http1_field.c src/lib/net/http1_field.h \
	src/lib/net/http1_out.c src/lib/net/http1_out.h \
	src/lib/net/http1_text.c \
	src/lib/net/listen.c src/lib/net/listen.h \
	src/lib/net/proxyhdr.c src/lib/net/proxyhdr.h
libnet_a_SOURCES += \
	src/lib/net/conn.c src/lib/net/conn_out.c src/lib/net/conn_tcp.c \
	src/lib/net/conn.h src/lib/net/conn_impl.h \
	src/lib/net/tls.c src/lib/net/tls_ctx.c \
	src/lib/net/tls.h src/lib/net/tls_impl.h

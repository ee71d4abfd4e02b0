# Files of the net layer.
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES =
libnet_a_SOURCES += \
	src/lib/net/conn.c src/lib/net/conn_out.c src/lib/net/conn_tcp.c \
	src/lib/net/conn.h src/lib/net/conn_impl.h \
	src/lib/net/tls.c src/lib/net/tls_ctx.c \
	src/lib/net/tls.h src/lib/net/tls_impl.h

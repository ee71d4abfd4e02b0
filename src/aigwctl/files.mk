# Files of aigwctl.
sbin_PROGRAMS += aigwctl
aigwctl_SOURCES = \
	src/aigwctl/aigwctl.c src/aigwctl/aigwctl.h \
	src/aigwctl/call.c src/aigwctl/call.h \
	src/aigwctl/ledger.c src/aigwctl/ledger.h \
	src/aigwctl/life.c src/aigwctl/link.c src/aigwctl/restore.c \
	src/aigwctl/test.c \
	src/aigwctl/token.c src/aigwctl/try.c
aigwctl_LDADD = $(layer_libs) $(foreign_libs)

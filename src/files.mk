# The programs.
sbin_PROGRAMS += aigwd
include src/master/files.mk
include src/worker/files.mk
include src/checker/files.mk
include src/recorder/files.mk
include src/admin/files.mk
include src/aigwctl/files.mk

aigwd_SOURCES = src/aigwd.c $(master_sources) $(worker_sources) \
	$(checker_sources) $(recorder_sources) $(admin_sources)
aigwd_CFLAGS = $(AM_CFLAGS) $(LTO_CFLAGS)
aigwd_LDFLAGS = $(HARD_LDFLAGS) $(LTO_LDFLAGS)
aigwd_LDADD = $(layer_libs) $(foreign_libs)

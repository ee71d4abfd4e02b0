# Disks that fail: faults of single calls, and power cuts.
disk_shim = tests/disk/shim.c tests/disk/shim.h
disk_cppflags = $(unit_cppflags) -I$(srcdir)/tests/unit -I$(srcdir)/tests/disk

check_PROGRAMS += tests/disk/torture_test
TESTS += tests/disk/torture_test
tests_disk_torture_test_SOURCES = tests/disk/torture_test.c $(disk_shim) \
	tests/unit/state_help.h
tests_disk_torture_test_CPPFLAGS = $(disk_cppflags)
tests_disk_torture_test_LDADD = $(state_libs) -ldl

# The power cut: something that writes, and what the disk may hold then.
check_PROGRAMS += tests/disk/writer tests/disk/replay
TESTS += tests/disk/power_test.py
EXTRA_DIST += tests/disk/power_test.py tests/disk/torture_long.py
tests_disk_writer_SOURCES = tests/disk/writer.c $(disk_shim) \
	tests/unit/state_help.h
tests_disk_writer_CPPFLAGS = $(disk_cppflags)
tests_disk_writer_LDADD = $(state_libs) -ldl
tests_disk_replay_SOURCES = tests/disk/replay.c tests/disk/shim.h
tests_disk_replay_CPPFLAGS = $(disk_cppflags)
tests_disk_replay_LDADD = libstate.a libbase.a $(foreign_libs)

# The same functions, to be loaded before a whole program.
check_SCRIPTS += tests/disk/shim.so
CLEANFILES += tests/disk/shim.so
tests/disk/shim.so: $(srcdir)/tests/disk/shim.c $(srcdir)/tests/disk/shim.h
	@$(MKDIR_P) tests/disk
	$(AM_V_CC)$(CC) -std=gnu11 -D_GNU_SOURCE -O1 -g -fPIC -shared -o $@ \
		$(srcdir)/tests/disk/shim.c -ldl

# What the stores ask of the machine.
check_PROGRAMS += tests/disk/host_test
TESTS += tests/disk/host_test
tests_disk_host_test_SOURCES = tests/disk/host_test.c tests/unit/state_help.h
tests_disk_host_test_CPPFLAGS = $(disk_cppflags)
tests_disk_host_test_LDADD = $(state_libs)

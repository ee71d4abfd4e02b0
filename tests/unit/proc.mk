# Unit tests of the proc layer.
unit_proc = tests/unit/child_env_test \
	tests/unit/folder_test \
	tests/unit/handover_test \
	tests/unit/listenset_test \
	tests/unit/msg_test \
	tests/unit/priv_test \
	tests/unit/sandbox_test \
	tests/unit/slot_test \
	tests/unit/throttle_test
check_PROGRAMS += $(unit_proc)
TESTS += $(unit_proc)

tests_unit_child_env_test_SOURCES = tests/unit/child_env_test.c
tests_unit_child_env_test_CPPFLAGS = $(unit_cppflags)
tests_unit_child_env_test_LDADD = $(unit_libs) libproc.a libbase.a \
	$(foreign_libs)

tests_unit_folder_test_SOURCES = tests/unit/folder_test.c
tests_unit_folder_test_CPPFLAGS = $(unit_cppflags)
tests_unit_folder_test_LDADD = $(unit_libs) libproc.a libbase.a \
	$(foreign_libs)

tests_unit_handover_test_SOURCES = tests/unit/handover_test.c
tests_unit_handover_test_CPPFLAGS = $(unit_cppflags)
tests_unit_handover_test_LDADD = $(unit_libs) libproc.a libnet.a libbase.a \
	$(foreign_libs)

tests_unit_listenset_test_SOURCES = tests/unit/listenset_test.c
tests_unit_listenset_test_CPPFLAGS = $(unit_cppflags)
tests_unit_listenset_test_LDADD = $(unit_libs) libproc.a libnet.a libbase.a \
	$(foreign_libs)

tests_unit_msg_test_SOURCES = tests/unit/msg_test.c
tests_unit_msg_test_CPPFLAGS = $(unit_cppflags)
tests_unit_msg_test_LDADD = $(unit_libs) libproc.a libbase.a \
	$(foreign_libs)

tests_unit_priv_test_SOURCES = tests/unit/priv_test.c
tests_unit_priv_test_CPPFLAGS = $(unit_cppflags)
tests_unit_priv_test_LDADD = $(unit_libs) libproc.a libbase.a \
	$(foreign_libs)

tests_unit_sandbox_test_SOURCES = tests/unit/sandbox_test.c
tests_unit_sandbox_test_CPPFLAGS = $(unit_cppflags)
tests_unit_sandbox_test_LDADD = $(unit_libs) libproc.a libbase.a \
	$(foreign_libs)

tests_unit_slot_test_SOURCES = tests/unit/slot_test.c
tests_unit_slot_test_CPPFLAGS = $(unit_cppflags)
tests_unit_slot_test_LDADD = $(unit_libs) libproc.a libbase.a \
	$(foreign_libs)

tests_unit_throttle_test_SOURCES = tests/unit/throttle_test.c
tests_unit_throttle_test_CPPFLAGS = $(unit_cppflags)
tests_unit_throttle_test_LDADD = $(unit_libs) libproc.a libbase.a \
	$(foreign_libs)

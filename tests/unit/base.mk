# Unit tests of the base layer.
unit_base = \
	tests/unit/arena_test \
	tests/unit/board_test \
	tests/unit/buf_test \
	tests/unit/clock_test \
	tests/unit/crypto_test \
	tests/unit/ev_test \
	tests/unit/ev_order_test \
	tests/unit/fd_test \
	tests/unit/hmap_test \
	tests/unit/jfind_test tests/unit/jscan_test \
	tests/unit/jscan_value_test \
	tests/unit/json_test \
	tests/unit/lease_test \
	tests/unit/log_test \
	tests/unit/probe_test \
	tests/unit/num_test \
	tests/unit/quote_test \
	tests/unit/rng_test \
	tests/unit/slice_test \
	tests/unit/rota_test \
	tests/unit/secret_test \
	tests/unit/str_test \
	tests/unit/xalloc_test
check_PROGRAMS += $(unit_base)
TESTS += $(unit_base)

tests_unit_arena_test_SOURCES = tests/unit/arena_test.c
tests_unit_arena_test_CPPFLAGS = $(unit_cppflags)
tests_unit_arena_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_board_test_SOURCES = tests/unit/board_test.c
tests_unit_board_test_CPPFLAGS = $(unit_cppflags)
tests_unit_board_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_buf_test_SOURCES = tests/unit/buf_test.c
tests_unit_buf_test_CPPFLAGS = $(unit_cppflags)
tests_unit_buf_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_clock_test_SOURCES = tests/unit/clock_test.c
tests_unit_clock_test_CPPFLAGS = $(unit_cppflags)
tests_unit_clock_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_crypto_test_SOURCES = tests/unit/crypto_test.c
tests_unit_crypto_test_CPPFLAGS = $(unit_cppflags)
tests_unit_crypto_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_ev_order_test_SOURCES = tests/unit/ev_order_test.c
tests_unit_ev_order_test_CPPFLAGS = $(unit_cppflags)
tests_unit_ev_order_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_ev_test_SOURCES = tests/unit/ev_test.c
tests_unit_ev_test_CPPFLAGS = $(unit_cppflags)
tests_unit_ev_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_fd_test_SOURCES = tests/unit/fd_test.c
tests_unit_fd_test_CPPFLAGS = $(unit_cppflags)
tests_unit_fd_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_hmap_test_SOURCES = tests/unit/hmap_test.c
tests_unit_hmap_test_CPPFLAGS = $(unit_cppflags)
tests_unit_hmap_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_jfind_test_SOURCES = tests/unit/jfind_test.c
tests_unit_jfind_test_CPPFLAGS = $(unit_cppflags)
tests_unit_jfind_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)
tests_unit_jscan_test_SOURCES = tests/unit/jscan_test.c tests/unit/jscan_cases.h
tests_unit_jscan_test_CPPFLAGS = $(unit_cppflags)
tests_unit_jscan_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_jscan_value_test_SOURCES = tests/unit/jscan_value_test.c
tests_unit_jscan_value_test_CPPFLAGS = $(unit_cppflags)
tests_unit_jscan_value_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_json_test_SOURCES = tests/unit/json_test.c
tests_unit_json_test_CPPFLAGS = $(unit_cppflags)
tests_unit_json_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_slice_test_SOURCES = tests/unit/slice_test.c
tests_unit_slice_test_CPPFLAGS = $(unit_cppflags)
tests_unit_slice_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_lease_test_SOURCES = tests/unit/lease_test.c
tests_unit_lease_test_CPPFLAGS = $(unit_cppflags)
tests_unit_lease_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_probe_test_SOURCES = tests/unit/probe_test.c
tests_unit_probe_test_CPPFLAGS = $(unit_cppflags)
tests_unit_probe_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_log_test_SOURCES = tests/unit/log_test.c
tests_unit_log_test_CPPFLAGS = $(unit_cppflags)
tests_unit_log_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_num_test_SOURCES = tests/unit/num_test.c
tests_unit_num_test_CPPFLAGS = $(unit_cppflags)
tests_unit_num_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_quote_test_SOURCES = tests/unit/quote_test.c
tests_unit_quote_test_CPPFLAGS = $(unit_cppflags)
tests_unit_quote_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_rng_test_SOURCES = tests/unit/rng_test.c
tests_unit_rng_test_CPPFLAGS = $(unit_cppflags)
tests_unit_rng_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_rota_test_SOURCES = tests/unit/rota_test.c
tests_unit_rota_test_CPPFLAGS = $(unit_cppflags)
tests_unit_rota_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_secret_test_SOURCES = tests/unit/secret_test.c
tests_unit_secret_test_CPPFLAGS = $(unit_cppflags)
tests_unit_secret_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_str_test_SOURCES = tests/unit/str_test.c
tests_unit_str_test_CPPFLAGS = $(unit_cppflags)
tests_unit_str_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_xalloc_test_SOURCES = tests/unit/xalloc_test.c
tests_unit_xalloc_test_CPPFLAGS = $(unit_cppflags)
tests_unit_xalloc_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

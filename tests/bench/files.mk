# The comparison with other proxies.
EXTRA_DIST += tests/bench/run tests/bench/README tests/bench/aigw.conf.in \
	tests/bench/nginx.conf.in tests/bench/mock.conf.in \
	tests/bench/haproxy.cfg.in tests/bench/small.lua tests/bench/tls.lua \
	tests/bench/package.json tests/bench/big.lua tests/bench/stream.lua \
	tests/bench/messages.lua tests/bench/messages-big.lua \
	tests/bench/gemini-big.lua

# What it takes to translate an event, by itself.
CLEANFILES += tests/bench/codec_bench
EXTRA_PROGRAMS += tests/bench/codec_bench
tests_bench_codec_bench_SOURCES = tests/bench/codec_bench.c
tests_bench_codec_bench_LDADD = libdialect.a libconf.a libbase.a \
	$(foreign_libs)

bench: all tests/bench/codec_bench
	AIGW_BUILD='$(abs_builddir)' $(PYTHON3) $(srcdir)/tests/bench/run
.PHONY: bench

# The comparison with other proxies.
EXTRA_DIST += tests/bench/run tests/bench/README tests/bench/aigw.conf.in \
	tests/bench/nginx.conf.in tests/bench/mock.conf.in \
	tests/bench/haproxy.cfg.in tests/bench/small.lua tests/bench/tls.lua \
	tests/bench/package.json tests/bench/big.lua tests/bench/stream.lua

bench: all
	AIGW_BUILD='$(abs_builddir)' $(PYTHON3) $(srcdir)/tests/bench/run
.PHONY: bench

# Files of the route layer.
noinst_LIBRARIES += libroute.a
libroute_a_CFLAGS = $(AM_CFLAGS) $(LTO_CFLAGS)
libroute_a_SOURCES = \
	src/lib/route/breaker.c src/lib/route/breaker.h \
	src/lib/route/catalog.c src/lib/route/catalog.h \
	src/lib/route/route.c src/lib/route/route.h src/lib/route/strat.h \
	src/lib/route/slow.c src/lib/route/slow.h \
	src/lib/route/strat_round_robin.c src/lib/route/strat_weighted.c

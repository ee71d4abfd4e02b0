# Files of checker/.
checker_sources = \
	src/checker/ask.c src/checker/ask.h \
	src/checker/checker.c src/checker/checker.h \
	src/checker/models.c src/checker/models.h src/checker/models_parse.c \
	src/checker/probe.c src/checker/probe.h src/checker/probe_judge.c \
	src/checker/resolve.c src/checker/resolve.h

# Files of master/.
master_sources = src/master/master.h \
	src/master/contract.c src/master/files.c src/master/gen.c \
	src/master/master.c src/master/place.c src/master/reap.c \
	src/master/reload.c src/master/spawn.c src/master/stop.c \
	src/master/upgrade.c src/master/watch.c

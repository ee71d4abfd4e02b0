# Files of master/.
master_sources = src/master/master.h \
	src/master/cli.c src/master/contract.c src/master/files.c \
	src/master/gen.c src/master/listenset.c src/master/master.c \
	src/master/notify.c src/master/place.c src/master/prepare.c \
	src/master/reap.c src/master/reload.c src/master/signal.c \
	src/master/spawn.c src/master/stop.c src/master/upgrade.c \
	src/master/watch.c

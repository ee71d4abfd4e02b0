# Files of the proc layer.
noinst_LIBRARIES += libproc.a
libproc_a_SOURCES = \
	src/lib/proc/apart.c src/lib/proc/apart.h \
	src/lib/proc/child.c src/lib/proc/child.h \
	src/lib/proc/child_env.c src/lib/proc/child_env.h \
	src/lib/proc/folder.c src/lib/proc/folder.h \
	src/lib/proc/handover.c src/lib/proc/handover.h \
	src/lib/proc/kin.c src/lib/proc/kin.h \
	src/lib/proc/landlock.c \
	src/lib/proc/listenset.c src/lib/proc/listenset.h \
	src/lib/proc/msg.c src/lib/proc/msg.h \
	src/lib/proc/notify.c src/lib/proc/notify.h \
	src/lib/proc/options.c src/lib/proc/options.h \
	src/lib/proc/prepare.c src/lib/proc/prepare.h \
	src/lib/proc/priv.c src/lib/proc/priv.h \
	src/lib/proc/sandbox.c src/lib/proc/sandbox.h \
	src/lib/proc/share.c src/lib/proc/share.h \
	src/lib/proc/sigflag.c src/lib/proc/sigflag.h \
	src/lib/proc/slot.c src/lib/proc/slot.h \
	src/lib/proc/solo.c src/lib/proc/solo.h \
	src/lib/proc/store.c src/lib/proc/store.h \
	src/lib/proc/throttle.c src/lib/proc/throttle.h

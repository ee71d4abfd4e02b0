# Files of the proc layer.
noinst_LIBRARIES += libproc.a
libproc_a_SOURCES = \
	src/lib/proc/child.c src/lib/proc/child.h \
	src/lib/proc/child_env.c src/lib/proc/child_env.h \
	src/lib/proc/landlock.c \
	src/lib/proc/msg.c src/lib/proc/msg.h \
	src/lib/proc/priv.c src/lib/proc/priv.h \
	src/lib/proc/sandbox.c src/lib/proc/sandbox.h \
	src/lib/proc/solo.c src/lib/proc/solo.h

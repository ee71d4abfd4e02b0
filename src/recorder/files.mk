# Files of recorder/.
recorder_sources = \
	src/recorder/drain.c src/recorder/drain.h \
	src/recorder/recorder.c src/recorder/recorder.h \
	src/recorder/sweep.c src/recorder/sweep.h

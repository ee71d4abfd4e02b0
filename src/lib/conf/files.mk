# Files of the conf layer.
noinst_LIBRARIES += libconf.a
libconf_a_SOURCES = \
	src/lib/conf/conf.c src/lib/conf/conf.h \
	src/lib/conf/conf_check.c src/lib/conf/conf_check_provider.c \
	src/lib/conf/conf_dump.c src/lib/conf/conf_files.c \
	src/lib/conf/conf_finish.c src/lib/conf/conf_load.c \
	src/lib/conf/conf_parse.c src/lib/conf/conf_ref.c \
	src/lib/conf/conf_report.c src/lib/conf/conf_scan.c \
	src/lib/conf/conf_secret.c src/lib/conf/conf_table.c \
	src/lib/conf/conf_table_key.c src/lib/conf/conf_table_list.c \
	src/lib/conf/conf_text.c src/lib/conf/dialects.h \
	src/lib/conf/conf_url.c src/lib/conf/env.c src/lib/conf/env_file.c \
	src/lib/conf/headers.h \
	src/lib/conf/env_llm.c src/lib/conf/env_note.c \
	src/lib/conf/env_table.c \
	src/lib/conf/env_table.h src/lib/conf/load.h src/lib/conf/net.c \
	src/lib/conf/net.h src/lib/conf/opt.c src/lib/conf/opt.h \
	src/lib/conf/opt_put.c src/lib/conf/opt_set.c src/lib/conf/price.c src/lib/conf/price.h \
	src/lib/conf/conf_syntax.c src/lib/conf/syntax.h \
	src/lib/conf/report.h

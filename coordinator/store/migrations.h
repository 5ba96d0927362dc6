/* migrations: the numbered SQL files of schemas/store/, embedded by the build. */
#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H

/* store_migrations[i] brings a store from version i to version i + 1; NULL at the end. Released
 * ones never change: a new table or column is a new file. */
extern const char *const store_migrations[];

#endif

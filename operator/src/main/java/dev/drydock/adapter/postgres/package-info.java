/** PostgreSQL, by its JDBC driver. */
@NullMarked
package dev.drydock.adapter.postgres;

import org.jspecify.annotations.NullMarked;

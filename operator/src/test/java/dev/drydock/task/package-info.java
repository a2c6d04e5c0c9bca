/** What task pods run, with real servers. */
@NullMarked
package dev.drydock.task;

import org.jspecify.annotations.NullMarked;

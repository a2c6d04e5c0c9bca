/** SSH by JSch: the only package that imports it. */
@NullMarked
package dev.drydock.adapter.ssh;

import org.jspecify.annotations.NullMarked;

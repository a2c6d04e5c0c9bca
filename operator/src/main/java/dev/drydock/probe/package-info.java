/**
 * From what a host prints to what it means: one script asks everything, parsers turn text into
 * readings, and an evaluation holds readings against demands. Pure, but for {@link
 * dev.drydock.probe.Looker}, which sends the script.
 */
@NullMarked
package dev.drydock.probe;

import org.jspecify.annotations.NullMarked;

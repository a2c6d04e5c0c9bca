@NullMarked
package dev.drydock.report;

import org.jspecify.annotations.NullMarked;

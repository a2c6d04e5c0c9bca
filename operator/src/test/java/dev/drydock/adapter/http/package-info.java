@NullMarked
package dev.drydock.adapter.http;

import org.jspecify.annotations.NullMarked;

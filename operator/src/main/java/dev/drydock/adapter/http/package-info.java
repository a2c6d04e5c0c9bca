/** Asks what answers on the network, by the JDK's own HTTP client and sockets. */
@NullMarked
package dev.drydock.adapter.http;

import org.jspecify.annotations.NullMarked;

/** Tests of the services' documents, against real servers. */
@NullMarked
package dev.drydock.adapter.notify;

import org.jspecify.annotations.NullMarked;

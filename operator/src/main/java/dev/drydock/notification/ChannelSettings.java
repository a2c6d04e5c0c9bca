package dev.drydock.notification;

import dev.drydock.kernel.Severity;
import dev.drydock.port.Notifier.Destination;
import java.time.Duration;

/** What a channel's spec and Secrets come to. */
record ChannelSettings(
    Destination destination, Severity minSeverity, Duration groupWait, int maxPerMinute) {}

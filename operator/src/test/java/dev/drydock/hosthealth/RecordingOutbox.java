package dev.drydock.hosthealth;

import dev.drydock.kernel.Severity;
import dev.drydock.port.Alert;
import dev.drydock.port.Outbox;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** An outbox for tests: what arrives is kept, and nothing leaves while it is held. */
final class RecordingOutbox implements Outbox {
  final List<String> sustained = new ArrayList<>();
  private final Map<String, Channel> channels = new LinkedHashMap<>();
  private final List<Consumer<Alert>> listeners = new ArrayList<>();
  private boolean held;

  private static final class Channel {
    private final Severity least;
    private final Map<String, Alert> waiting = new LinkedHashMap<>();
    private final Map<String, Alert> arrived = new LinkedHashMap<>();

    Channel(Severity least) {
      this.least = least;
    }
  }

  void open(String namespace, String channel, Severity least) {
    channels.put(namespace + "/" + channel, new Channel(least));
  }

  void hold() {
    held = true;
  }

  void release() {
    held = false;
    channels.values().forEach(this::deliver);
  }

  List<Alert> arrived(String namespace, String channel) {
    Channel known = channels.get(namespace + "/" + channel);
    return known == null ? List.of() : List.copyOf(known.arrived.values());
  }

  private void deliver(Channel channel) {
    var now = List.copyOf(channel.waiting.values());
    channel.waiting.clear();
    for (Alert alert : now) {
      channel.arrived.put(alert.key(), alert);
      listeners.forEach(listener -> listener.accept(alert));
    }
  }

  @Override
  public Delivery offer(String namespace, String channel, Alert alert) {
    Channel known = channels.get(namespace + "/" + channel);
    if (known == null) {
      return new Delivery.NoSuchChannel();
    }
    if (alert.isBySeverity() && !alert.severity().atLeast(known.least)) {
      return new Delivery.NotWanted();
    }
    if (known.arrived.containsKey(alert.key())) {
      return new Delivery.Delivered(Instant.EPOCH);
    }
    known.waiting.putIfAbsent(alert.key(), alert);
    if (!held) {
      deliver(known);
    }
    return new Delivery.Underway();
  }

  @Override
  public Delivery withdraw(String namespace, String channel, Alert alert) {
    Channel known = channels.get(namespace + "/" + channel);
    if (known == null) {
      return new Delivery.NoSuchChannel();
    }
    if (!alert.severity().atLeast(known.least)) {
      return new Delivery.NotWanted();
    }
    if (known.arrived.containsKey(alert.key())) {
      return new Delivery.Delivered(Instant.EPOCH);
    }
    return known.waiting.remove(alert.key()) == null
        ? new Delivery.MayHaveArrived()
        : new Delivery.Withdrawn();
  }

  @Override
  public void sustain(String namespace, String channel, Alert alert) {
    sustained.add(channel + " " + alert.phase());
  }

  @Override
  public void whenDelivered(Consumer<Alert> listener) {
    listeners.add(listener);
  }
}

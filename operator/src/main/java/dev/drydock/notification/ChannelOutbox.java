package dev.drydock.notification;

import dev.drydock.port.Alert;
import dev.drydock.port.Alert.Phase;
import dev.drydock.port.MetricSource;
import dev.drydock.port.Notifier;
import dev.drydock.port.Notifier.Destination;
import dev.drydock.port.Notifier.Problem;
import dev.drydock.port.Notifier.Sent;
import dev.drydock.port.Outbox;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** One queue and one virtual thread a channel, so that no channel waits for another one. */
public final class ChannelOutbox implements Outbox, MetricSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChannelOutbox.class);
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Duration REMIND = Duration.ofMinutes(2);
  private static final Duration DRAIN = Duration.ofSeconds(3);

  private final Notifier notifier;
  private final Clock clock;
  private final Map<String, Channel> channels = new ConcurrentHashMap<>();
  private final List<Consumer<Alert>> delivered = new CopyOnWriteArrayList<>();
  private volatile BiConsumer<String, String> changed = (_, _) -> {};

  public ChannelOutbox(Notifier notifier, Clock clock) {
    this.notifier = notifier;
    this.clock = clock;
  }

  @Override
  public Delivery offer(String namespace, String channel, Alert alert) {
    Channel known = channels.get(key(namespace, channel));
    return known == null ? new Delivery.NoSuchChannel() : known.offer(alert);
  }

  @Override
  public Delivery withdraw(String namespace, String channel, Alert alert) {
    Channel known = channels.get(key(namespace, channel));
    return known == null ? new Delivery.NoSuchChannel() : known.withdraw(alert);
  }

  @Override
  public void sustain(String namespace, String channel, Alert alert) {
    Channel known = channels.get(key(namespace, channel));
    if (known != null) {
      known.sustain(alert);
    }
  }

  @Override
  public void whenDelivered(Consumer<Alert> listener) {
    delivered.add(listener);
  }

  /** Calls {@code listener} with namespace and name when a channel's {@link Journal} changed. */
  void whenChanged(BiConsumer<String, String> listener) {
    changed = listener;
  }

  /** Whether the channel is open, and sends to exactly this destination. */
  boolean sendsTo(String namespace, String name, Destination destination) {
    Channel known = channels.get(key(namespace, name));
    return known != null && known.sendsTo(destination);
  }

  /** Opens a channel, or changes its settings. */
  void configure(String namespace, String name, ChannelSettings settings) {
    channels
        .computeIfAbsent(key(namespace, name), _ -> new Channel(namespace, name, settings))
        .configure(settings);
  }

  /** Closes a channel. What still waits for it is lost here, and kept by whoever offered it. */
  void remove(String namespace, String name) {
    Channel gone = channels.remove(key(namespace, name));
    if (gone != null) {
      gone.close();
    }
  }

  Journal journal(String namespace, String name) {
    Channel known = channels.get(key(namespace, name));
    return known == null ? Journal.EMPTY : known.journal();
  }

  @Override
  public void close() {
    channels.values().forEach(Channel::close);
    // One end for all: nobody else can lead before this is over.
    long end = System.nanoTime() + DRAIN.toNanos();
    channels.values().forEach(channel -> channel.awaitEnd(end));
  }

  @Override
  public List<Family> families() {
    var deliveries = new ArrayList<Sample>();
    var lengths = new ArrayList<Sample>();
    var failures = new ArrayList<Sample>();
    for (Channel channel : channels.values()) {
      channel.measure(deliveries, lengths, failures);
    }
    return List.of(
        new Family(
            "drydock_channel_deliveries_total",
            true,
            "Messages that a channel's service accepted, and tries that failed",
            deliveries),
        new Family(
            "drydock_channel_queue_length", false, "Messages that wait for a channel", lengths),
        new Family(
            "drydock_channel_failures",
            false,
            "Failed tries since the last one that succeeded",
            failures));
  }

  private static String key(String namespace, String name) {
    return namespace + "/" + name;
  }

  /** One channel at work. */
  private final class Channel {
    private final String namespace;
    private final String name;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final ChannelQueue queue = new ChannelQueue();
    private final Map<String, Alert> sustained = new LinkedHashMap<>();
    private final Thread thread;
    private ChannelSettings settings;
    private Journal journal = Journal.EMPTY;
    private Instant lastReminder = Instant.EPOCH;
    private long accepted;
    private long failed;
    private boolean closed;

    Channel(String namespace, String name, ChannelSettings settings) {
      this.namespace = namespace;
      this.name = name;
      this.settings = settings;
      this.thread =
          Thread.ofVirtual().name("channel " + namespace + "/" + name).unstarted(this::work);
      thread.start();
    }

    boolean sendsTo(Destination destination) {
      lock.lock();
      try {
        return settings.destination().equals(destination);
      } finally {
        lock.unlock();
      }
    }

    void configure(ChannelSettings next) {
      lock.lock();
      try {
        if (!next.equals(settings)) {
          settings = next;
          queue.dropUntried(alert -> alert.isBySeverity() && !wanted(alert));
          queue.retryNow();
          news.signal();
        }
      } finally {
        lock.unlock();
      }
    }

    Delivery offer(Alert alert) {
      lock.lock();
      try {
        if (alert.isBySeverity() && !wanted(alert) && !queue.mayHaveSent(alert)) {
          return new Delivery.NotWanted();
        }
        Delivery delivery = queue.offer(alert, clock.instant());
        news.signal();
        return delivery;
      } finally {
        lock.unlock();
      }
    }

    void measure(List<Sample> deliveries, List<Sample> lengths, List<Sample> failures) {
      Map<String, String> labels = Map.of("namespace", namespace, "channel", name);
      lock.lock();
      try {
        deliveries.add(new Sample(with(labels, "accepted"), accepted));
        deliveries.add(new Sample(with(labels, "failed"), failed));
        lengths.add(new Sample(labels, queue.size()));
        failures.add(new Sample(labels, queue.failures()));
      } finally {
        lock.unlock();
      }
    }

    private static Map<String, String> with(Map<String, String> labels, String outcome) {
      var all = new HashMap<>(labels);
      all.put("outcome", outcome);
      return all;
    }

    private boolean wanted(Alert alert) {
      return alert.severity().atLeast(settings.minSeverity());
    }

    Delivery withdraw(Alert alert) {
      lock.lock();
      try {
        return wanted(alert) || queue.mayHaveSent(alert)
            ? queue.withdraw(alert)
            : new Delivery.NotWanted();
      } finally {
        lock.unlock();
      }
    }

    void sustain(Alert alert) {
      lock.lock();
      try {
        if (settings.destination() instanceof Destination.Alertmanager) {
          sustained.put(alert.fingerprint(), alert);
          news.signal();
        }
      } finally {
        lock.unlock();
      }
    }

    Journal journal() {
      lock.lock();
      try {
        return journal;
      } finally {
        lock.unlock();
      }
    }

    /** Starts nothing any more. What is on its way gets a little time to arrive. */
    void close() {
      lock.lock();
      try {
        closed = true;
        news.signalAll();
      } finally {
        lock.unlock();
      }
    }

    void awaitEnd(long endNanos) {
      try {
        if (!thread.join(Duration.ofNanos(endNanos - System.nanoTime()))) {
          thread.interrupt();
        }
      } catch (InterruptedException e) {
        thread.interrupt();
        Thread.currentThread().interrupt();
      }
    }

    private void work() {
      try {
        while (true) {
          send(awaitGroup());
        }
      } catch (InterruptedException e) {
        // Closed.
      }
    }

    private record Group(Destination destination, List<Alert> alerts, boolean reminder) {}

    private Group awaitGroup() throws InterruptedException {
      lock.lock();
      try {
        while (true) {
          if (closed) {
            throw new InterruptedException();
          }
          Instant now = clock.instant();
          Instant reminder = sustained.isEmpty() ? Instant.MAX : lastReminder.plus(REMIND);
          if (!reminder.isAfter(now)) {
            lastReminder = now;
            var reminders = new ArrayList<>(sustained.values());
            // Whoever still means them says so again.
            sustained.clear();
            return new Group(settings.destination(), reminders, true);
          }
          switch (queue.next(settings, now)) {
            case ChannelQueue.Send(List<Alert> alerts) -> {
              return new Group(settings.destination(), alerts, false);
            }
            case ChannelQueue.WaitUntil(Instant time) ->
                await(now, time.isBefore(reminder) ? time : reminder);
            case ChannelQueue.Idle() -> {
              if (sustained.isEmpty()) {
                news.await();
              } else {
                await(now, reminder);
              }
            }
          }
        }
      } finally {
        lock.unlock();
      }
    }

    // The loop around the call asks again, whatever woke it up.
    @SuppressWarnings("WaitNotInLoop")
    private void await(Instant now, Instant until) throws InterruptedException {
      var _ =
          news.await(Math.max(1, Duration.between(now, until).toMillis()), TimeUnit.MILLISECONDS);
    }

    private void send(Group group) throws InterruptedException {
      Sent sent;
      try {
        sent = notifier.send(group.destination(), group.alerts(), DEADLINE);
      } catch (RuntimeException e) {
        LOG.error("channel {}/{}: a message could not be made", namespace, name, e);
        sent =
            new Sent(
                Set.of(),
                Optional.of(new Problem(true, "the message could not be made; see the log", null)));
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (group.reminder()) {
        return;
      }
      List<Alert> accepted = settle(sent);
      try {
        accepted.forEach(alert -> delivered.forEach(listener -> listener.accept(alert)));
        changed.accept(namespace, name);
      } catch (RuntimeException e) {
        // Whoever did not hear of it asks again by itself; the channel must go on.
        LOG.warn("channel {}/{}: a listener failed", namespace, name, e);
      }
    }

    private List<Alert> settle(Sent sent) {
      lock.lock();
      try {
        Instant now = clock.instant();
        List<Alert> accepted = queue.done(sent, now, ThreadLocalRandom.current().nextDouble());
        for (Alert alert : accepted) {
          if (alert.phase() == Phase.RESOLVED) {
            sustained.remove(alert.fingerprint());
          }
        }
        @Nullable Problem problem = sent.problem().orElse(null);
        this.accepted += accepted.size();
        failed += problem == null ? 0 : 1;
        journal =
            new Journal(
                accepted.isEmpty() ? journal.lastDelivery() : now, queue.failures(), problem);
        LOG.atLevel(problem == null ? Level.INFO : Level.WARN)
            .addKeyValue("namespace", namespace)
            .addKeyValue("channel", name)
            .addKeyValue("delivered", accepted.size())
            .log(problem == null ? "delivered" : problem.message());
        return accepted;
      } finally {
        lock.unlock();
      }
    }
  }
}

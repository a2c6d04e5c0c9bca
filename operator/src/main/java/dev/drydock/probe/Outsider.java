package dev.drydock.probe;

import dev.drydock.port.Network;
import dev.drydock.port.Network.Answer;
import dev.drydock.port.Network.Answered;
import dev.drydock.port.Network.Kind;
import dev.drydock.port.Network.Page;
import dev.drydock.port.Network.Unanswered;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks from here what is not asked on the host, each thing once, all at the same time. */
final class Outsider {
  private static final int TALK = 8192;
  private static final Duration MOMENT = Duration.ofMillis(200);
  private static final Duration USUAL = Duration.ofSeconds(5);
  private static final String INFO = "INFO clients\r\nCONFIG GET maxclients\r\nQUIT\r\n";

  private final Network network;
  private final Duration deadline;
  private final Map<String, Answer<Page>> pages = new ConcurrentHashMap<>();
  private final Map<String, Answer<Instant>> certificates = new ConcurrentHashMap<>();
  private final Map<String, Answer<String>> talks = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<CompletableFuture<Void>> ends = new ArrayList<>();

  private Outsider(Network network, Duration deadline) {
    this.network = network;
    this.deadline = deadline;
  }

  /** Starts to ask; every answer comes within {@code deadline}. */
  static Outsider start(Network network, Collection<Demand> demands, Duration deadline) {
    var outsider = new Outsider(network, deadline);
    demands.stream().distinct().forEach(outsider::ask);
    return outsider;
  }

  private void ask(Demand demand) {
    switch (demand) {
      case Demand.Http http when !http.viaHost() ->
          page(
              HostLook.page(http.url(), false, http.timeoutMillis(), HostLook.PAGE),
              http.url(),
              http.timeoutMillis());
      case Demand.Urls urls when !urls.viaHost() ->
          urls.urls().forEach(url -> page(HostLook.glance(url, urls), url, urls.timeoutMillis()));
      case Demand.Prometheus query when !query.viaHost() ->
          page(
              HostLook.page(Urls.query(query), false, HostLook.PROMETHEUS_MILLIS, HostLook.PAGE),
              Urls.query(query),
              HostLook.PROMETHEUS_MILLIS);
      case Demand.BeaconNode node when !node.viaHost() -> {
        String name = HostLook.beacon(node);
        pages.put(name, late());
        pages.put(name + ".previous", late());
        pages.put(name + ".current", late());
        run(() -> beacon(node, name));
      }
      case Demand.Redis redis when !redis.viaHost() -> {
        talks.put(HostLook.redis(redis), late());
        run(
            () ->
                talks.put(
                    HostLook.redis(redis),
                    network.converse(
                        redis.host(), redis.port(), redis.tls(), INFO, TALK, within(USUAL))));
      }
      case Demand.Certificate certificate when certificate.address() != null -> {
        String address = certificate.address();
        int colon = address.lastIndexOf(':');
        certificates.put(address, late());
        run(
            () ->
                certificates.put(
                    address,
                    network.certificateEnd(
                        address.substring(0, colon),
                        Integer.parseInt(address.substring(colon + 1)),
                        within(USUAL))));
      }
      default -> {
        // The host is asked.
      }
    }
  }

  private void page(String name, String url, long millis) {
    pages.put(name, late());
    run(
        () ->
            pages.put(
                name, network.fetch(url, null, HostLook.PAGE, within(Duration.ofMillis(millis)))));
  }

  /** As the script does it on a host. */
  private void beacon(Demand.BeaconNode node, String name) {
    String base = Urls.base(node.url());
    Answer<Page> syncing = fetch(base + "/eth/v1/node/syncing", null);
    pages.put(name, syncing);
    if (node.validators().isEmpty() || !(syncing instanceof Answered<Page>(Page page))) {
      return;
    }
    long head;
    try {
      head = Pages.json(page).path("data").path("head_slot").asLong(0);
    } catch (Unreadable e) {
      return;
    }
    String epochs = base + "/eth/v1/validator/liveness/";
    String indices = HostLook.indices(node);
    pages.put(name + ".previous", fetch(epochs + (head / 32 - 1), indices));
    pages.put(name + ".current", fetch(epochs + head / 32, indices));
  }

  private Answer<Page> fetch(String url, @Nullable String json) {
    return network.fetch(
        url, json, HostLook.PAGE, within(Duration.ofMillis(HostLook.BEACON_MILLIS)));
  }

  private Duration within(Duration wanted) {
    return wanted.compareTo(deadline) < 0 ? wanted : deadline;
  }

  private void run(Runnable question) {
    var end = new CompletableFuture<Void>();
    ends.add(end);
    threads.add(
        Thread.ofVirtual()
            .name("look outside")
            .start(
                () -> {
                  try {
                    question.run();
                  } finally {
                    end.complete(null);
                  }
                }));
  }

  /** What has come within {@code left}; what has not is not answered. */
  Look.Outside collect(Duration left) throws InterruptedException {
    Duration patience = left.compareTo(MOMENT) < 0 ? MOMENT : left;
    try {
      CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
          .get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // Each question that has no answer says so itself.
    }
    return new Look.Outside(pages, certificates, talks);
  }

  /** Gives up what has not come. */
  void stop() {
    threads.forEach(Thread::interrupt);
  }

  private static <T> Answer<T> late() {
    return new Unanswered<>(Kind.FAILED, "no answer in time");
  }
}

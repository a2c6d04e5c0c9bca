package dev.drydock.probe;

import dev.drydock.port.Database;
import dev.drydock.port.Database.NotReached;
import dev.drydock.port.Database.Problem;
import dev.drydock.port.DatabaseAccess;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostShell;
import dev.drydock.port.Network;
import dev.drydock.port.Network.Answer;
import dev.drydock.port.Network.Answered;
import dev.drydock.port.Network.Kind;
import dev.drydock.port.Network.Page;
import dev.drydock.port.Network.Unanswered;
import dev.drydock.probe.Look.AskedDatabase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks from here what is not asked on the host, each thing once, all at the same time. */
final class Outsider {
  private static final int TALK = 8192;
  private static final Duration MOMENT = Duration.ofMillis(200);
  private static final Duration USUAL = Duration.ofSeconds(5);
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final String INFO = "INFO clients\r\nCONFIG GET maxclients\r\nQUIT\r\n";

  private static final NotReached NO_ANSWER =
      new NotReached(Problem.NO_ANSWER, "no answer in time");
  private static final NotReached NO_TIME = new NotReached(Problem.NOT_ASKED, Look.NO_TIME_LEFT);

  private final Means means;
  private final Network network;
  private final Logins logins;
  private final Duration deadline;
  private final Map<String, Answer<Page>> pages = new ConcurrentHashMap<>();
  private final Map<String, Answer<Instant>> certificates = new ConcurrentHashMap<>();
  private final Map<String, Answer<String>> talks = new ConcurrentHashMap<>();
  private final Map<String, AskedDatabase> databases = new ConcurrentHashMap<>();

  /** Databases whose unused space is to be estimated, too. */
  private final Set<String> estimated = new HashSet<>();

  private final List<Thread> threads = new ArrayList<>();
  private final List<CompletableFuture<Void>> ends = new ArrayList<>();

  /**
   * By what it asks.
   *
   * @param host the way to databases that only the host reaches; null: there is none
   */
  record Means(Network network, Database database, HostShell shell, @Nullable HostAccess host) {}

  private Outsider(Means means, Logins logins, Duration deadline) {
    this.means = means;
    this.network = means.network();
    this.logins = logins;
    this.deadline = deadline;
  }

  /** Starts to ask; every answer comes within {@code deadline}. */
  static Outsider start(Means means, Collection<Demand> demands, Logins logins, Duration deadline) {
    var outsider = new Outsider(means, logins, deadline);
    demands.stream()
        .flatMap(demand -> demand instanceof Demand.Postgresql it ? Stream.of(it) : Stream.empty())
        .filter(it -> it.bloatPercentAbove() != null)
        .map(HostLook::database)
        .forEach(outsider.estimated::add);
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
                        redis.host(),
                        redis.port(),
                        redis.tls(),
                        auth(logins.redis(redis.passwordSecret())) + INFO,
                        TALK,
                        within(USUAL))));
      }
      case Demand.Postgresql wanted ->
          logins.database(wanted.secretName()).ifPresent(access -> database(wanted, access));
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

  /** RESP's AUTH, in which any byte may stand for itself; nothing where no password is known. */
  private static String auth(Logins.Login login) {
    if (login.password().isEmpty()) {
      return "";
    }
    List<String> words =
        login.user().isEmpty()
            ? List.of("AUTH", login.password())
            : List.of("AUTH", login.user(), login.password());
    return words.stream()
        .map(word -> "$" + word.getBytes(StandardCharsets.UTF_8).length + "\r\n" + word + "\r\n")
        .collect(Collectors.joining("", "*" + words.size() + "\r\n", ""));
  }

  private void database(Demand.Postgresql wanted, DatabaseAccess access) {
    String name = HostLook.database(wanted);
    NotReached late = wanted.viaHost() ? NO_TIME : NO_ANSWER;
    if (databases.putIfAbsent(name, new AskedDatabase(access.where(), late)) != null) {
      return;
    }
    boolean bloat = estimated.contains(name);
    Consumer<Database.Examination> told =
        said -> databases.put(name, new AskedDatabase(access.where(), said));
    run(
        () ->
            told.accept(
                wanted.viaHost()
                    ? throughHost(access, bloat, told)
                    : means.database().examine(access, bloat, within(LONG))));
  }

  /**
   * Asks a database by way of the host. It is blamed for no answer only where the way, which may
   * begin with a login, has left it a fair share of the time.
   *
   * @param late is told what it is if no answer comes
   */
  private Database.Examination throughHost(
      DatabaseAccess access, boolean bloat, Consumer<Database.Examination> late) {
    long start = System.nanoTime();
    HostAccess host = means.host();
    if (host == null) {
      return new NotReached(Problem.NOT_ASKED, "there is no host to reach it through");
    }
    return switch (means.shell().forward(host, access.host(), access.port(), deadline)) {
      case HostShell.Failed(_, String message) ->
          new NotReached(Problem.NOT_ASKED, "there is no way through the host: " + message);
      case HostShell.Tunnel tunnel -> {
        try (tunnel) {
          Duration left = within(LONG).minusNanos(System.nanoTime() - start);
          boolean fair = left.compareTo(within(LONG).multipliedBy(2).dividedBy(5)) >= 0;
          if (fair) {
            late.accept(NO_ANSWER);
          }
          Database.Examination said =
              means
                  .database()
                  .examine(
                      access.through(tunnel.port()),
                      bloat,
                      left.compareTo(MOMENT) < 0 ? MOMENT : left);
          yield !fair
                  && said instanceof NotReached(Problem problem, _)
                  && problem == Problem.NO_ANSWER
              ? NO_TIME
              : said;
        }
      }
    };
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
    return new Look.Outside(pages, certificates, talks, databases);
  }

  /** Gives up what has not come. */
  void stop() {
    threads.forEach(Thread::interrupt);
  }

  private static <T> Answer<T> late() {
    return new Unanswered<>(Kind.FAILED, "no answer in time");
  }
}

package dev.drydock.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.drydock.adapter.http.JdkNetwork;
import dev.drydock.adapter.postgres.PgDatabase;
import dev.drydock.adapter.ssh.SshHostShell;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostAccess.Identity;
import dev.drydock.port.HostShell.Completed;
import dev.drydock.port.Script;
import dev.drydock.probe.Demand;
import dev.drydock.probe.HostLook;
import dev.drydock.probe.Looker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Does what each line on standard input says, and answers each with a line of JSON; bench/sweep.py
 * speaks with it.
 */
final class SweepBenchmark {
  private static final Script LIGHT = Script.of("cat /proc/loadavg", List.of());
  private static final Script CHECK = Script.of("read -r load < /proc/loadavg", List.of());

  /** One of each kind of check. */
  private static final Map<String, Demand> FIVE =
      Map.of(
          "units", new Demand.Units(List.of("ssh"), 0),
          "memory", new Demand.Memory(null, 5),
          "disk", new Demand.Disk("/", 90, null, 90),
          "load", new Demand.Load(5, null, 4.0),
          "swap", new Demand.Swap(80));

  private final List<HostAccess> hosts = new ArrayList<>();
  private final JdkNetwork network = new JdkNetwork();
  private Duration deadline = Duration.ofSeconds(60);
  private SshHostShell shell = new SshHostShell();

  public static void main(String... arguments) throws IOException, InterruptedException {
    var benchmark = new SweepBenchmark();
    var input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      System.out.println(benchmark.answer(List.of(line.split(" ", -1))));
    }
    System.exit(0);
  }

  private String answer(List<String> words) throws IOException, InterruptedException {
    return switch (words.getFirst()) {
      // hosts FILE KEY: the file has a line "name address port type base64" a host.
      case "hosts" -> {
        hosts.clear();
        String key = Files.readString(Path.of(words.get(2)));
        for (String line : Files.readAllLines(Path.of(words.get(1)))) {
          String[] host = line.split(" ", 4);
          hosts.add(
              new HostAccess(
                  host[0],
                  host[1],
                  Integer.parseInt(host[2]),
                  System.getProperty("user.name"),
                  new Identity(key, null, null),
                  List.of(host[3]),
                  null));
        }
        yield "{\"hosts\": " + hosts.size() + "}";
      }
      case "deadline" -> {
        deadline = Duration.ofSeconds(Long.parseLong(words.get(1)));
        yield "{}";
      }
      case "script" -> {
        Files.writeString(Path.of(words.get(1)), HostLook.script(FIVE.values(), deadline).render());
        yield "{}";
      }
      case "cold" -> {
        shell.close();
        shell = new SshHostShell();
        yield sweep(words.get(1), 0);
      }
      case "warm" -> sweep(words.get(1), 0);
      // paced WHAT SECONDS: evenly spread over so many seconds.
      case "paced" -> sweep(words.get(1), Long.parseLong(words.get(2)));
      case "checks" -> checks(Long.parseLong(words.get(1)), Integer.parseInt(words.get(2)));
      case "pipes" -> pipes(Long.parseLong(words.get(1)), hosts.size());
      case "extra" -> extra(Integer.parseInt(words.get(1)));
      default -> throw new IllegalArgumentException(words.getFirst());
    };
  }

  private boolean look(HostAccess host, String what) {
    return switch (what) {
      case "look" ->
          new Looker(shell, network, new PgDatabase(), Clock.systemUTC()).look(host, FIVE, deadline)
              instanceof Looker.Seen;
      case "light" -> shell.look(host, LIGHT, deadline) instanceof Completed;
      default -> throw new IllegalArgumentException(what);
    };
  }

  /** Every host on a virtual thread of its own, as the operator has it. */
  private String sweep(String what, long seconds) throws InterruptedException {
    var latencies = Collections.synchronizedList(new ArrayList<Double>());
    var lastHealthy = new AtomicLong();
    var dead = new AtomicInteger();
    var done = new CountDownLatch(hosts.size());
    long start = System.nanoTime();
    for (int i = 0; i < hosts.size(); i++) {
      HostAccess host = hosts.get(i);
      long at = start + Duration.ofSeconds(seconds).toNanos() * i / hosts.size();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  Thread.sleep(Duration.ofNanos(Math.max(0, at - System.nanoTime())));
                  boolean seen = look(host, what);
                  long end = System.nanoTime();
                  if (seen) {
                    latencies.add((end - (seconds == 0 ? start : at)) / 1e6);
                    lastHealthy.accumulateAndGet(end - start, Math::max);
                  } else {
                    dead.incrementAndGet();
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                } finally {
                  done.countDown();
                }
              });
    }
    done.await();
    double wall = (System.nanoTime() - start) / 1e9;
    Collections.sort(latencies);
    return String.format(
        Locale.ROOT,
        "{\"seconds\": %.4f, \"healthy_seconds\": %.4f, \"ok\": %d, \"failed\": %d,"
            + " \"p50\": %.2f, \"p99\": %.2f, \"max\": %.2f}",
        wall,
        lastHealthy.get() / 1e9,
        latencies.size(),
        dead.get(),
        percentile(latencies, 0.5),
        percentile(latencies, 0.99),
        percentile(latencies, 1));
  }

  private static double percentile(List<Double> sorted, double share) {
    return sorted.isEmpty()
        ? -1
        : sorted.get((int) Math.max(0, Math.ceil(share * sorted.size()) - 1));
  }

  /** A check that starts no program, over and over on sessions that are open. */
  private String checks(long seconds, int parallel) throws InterruptedException {
    return repeat(
        seconds,
        parallel,
        index -> {
          HostAccess host = hosts.get(index);
          return () -> shell.look(host, CHECK, deadline) instanceof Completed;
        });
  }

  /** The same without SSH: what the shells themselves can do. */
  private static String pipes(long seconds, int parallel) throws InterruptedException {
    var processes = new ConcurrentHashMap<Integer, Process>();
    try {
      return repeat(
          seconds,
          parallel,
          index -> {
            Process process = new ProcessBuilder("/bin/sh").start();
            processes.put(index, process);
            var reader = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
            byte[] command =
                ("(\n" + CHECK.render() + ") </dev/null 2>/dev/null\nprintf '%s %d\\n' mark $?\n")
                    .getBytes(US_ASCII);
            return () -> {
              process.getOutputStream().write(command);
              process.getOutputStream().flush();
              return "mark 0".equals(reader.readLine());
            };
          });
    } finally {
      processes.values().forEach(Process::destroyForcibly);
    }
  }

  private interface Step {
    boolean take() throws IOException;
  }

  private interface Steps {
    Step of(int index) throws IOException;
  }

  private static String repeat(long seconds, int parallel, Steps steps)
      throws InterruptedException {
    var count = new AtomicLong();
    var failed = new AtomicLong();
    var ready = new CountDownLatch(parallel);
    var go = new CountDownLatch(1);
    long[] end = new long[1];
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < parallel; i++) {
        int index = i;
        var _ =
            threads.submit(
                () -> {
                  @Nullable Step step = null;
                  try {
                    step = steps.of(index);
                    step.take();
                  } catch (IOException e) {
                    failed.incrementAndGet();
                  } finally {
                    ready.countDown();
                  }
                  go.await();
                  while (step != null && System.nanoTime() < end[0]) {
                    (step.take() ? count : failed).incrementAndGet();
                  }
                  return null;
                });
      }
      ready.await();
      end[0] = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
      go.countDown();
    }
    return String.format(
        Locale.ROOT,
        "{\"per_second\": %.1f, \"failed\": %d}",
        count.get() / (double) seconds,
        failed.get());
  }

  /**
   * The first host, one look after the other, by turns with the five checks and with one more of a
   * kind; the median of the looks of each, in milliseconds.
   */
  private String extra(int rounds) {
    var variants = new LinkedHashMap<String, Map<String, Demand>>();
    variants.put("five", FIVE);
    variants.put("memory", with(new Demand.Memory(1L << 20, null)));
    variants.put("unit", with(new Demand.Units(List.of("cron"), null)));
    variants.put("disk", with(new Demand.Disk("/proc", 90, null, null)));
    var took = new LinkedHashMap<String, double[]>();
    variants.keySet().forEach(name -> took.put(name, new double[rounds]));
    var looker = new Looker(shell, network, new PgDatabase(), Clock.systemUTC());
    for (int round = -rounds / 10; round < rounds; round++) {
      for (Map.Entry<String, Map<String, Demand>> variant : variants.entrySet()) {
        long start = System.nanoTime();
        if (!(looker.look(hosts.getFirst(), variant.getValue(), deadline) instanceof Looker.Seen)) {
          throw new UncheckedIOException(new IOException("the host did not answer"));
        }
        if (round >= 0) {
          Objects.requireNonNull(took.get(variant.getKey()))[round] =
              (System.nanoTime() - start) / 1e6;
        }
      }
    }
    var answer = new ArrayList<String>();
    took.forEach(
        (name, millis) -> {
          Arrays.sort(millis);
          answer.add(String.format(Locale.ROOT, "\"%s\": %.4f", name, millis[rounds / 2]));
        });
    return "{" + String.join(", ", answer) + "}";
  }

  private static Map<String, Demand> with(Demand another) {
    var demands = new LinkedHashMap<>(FIVE);
    demands.put("another", another);
    return demands;
  }
}

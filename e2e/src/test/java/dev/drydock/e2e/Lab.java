package dev.drydock.e2e;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The lab that {@code ./lab up} made. */
final class Lab {
  static final String SYSTEM = "drydock-system";

  private static final Path STATE =
      Path.of(System.getenv().getOrDefault("DRYDOCK_LAB_DIR", "/var/lib/drydock-lab"));
  private static final KubernetesClient CLIENT = connect();
  private static final int PATIENCE_SECONDS = 120;

  private Lab() {}

  private static KubernetesClient connect() {
    Path kubeconfig = STATE.resolve("admin.kubeconfig");
    if (!Files.isReadable(kubeconfig)) {
      throw new IllegalStateException("the lab is not up: run ./lab up");
    }
    return new KubernetesClientBuilder()
        .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
        .build();
  }

  static KubernetesClient client() {
    return CLIENT;
  }

  /** Whether the cluster is the lab's own, so that its parts can be stopped. */
  static boolean isOwnCluster() {
    return Files.exists(STATE.resolve("run/outside"));
  }

  /** What the lab wrote down at {@code name}. */
  static String text(String name) {
    try {
      return Files.readString(STATE.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of the repository. */
  static String source(String path) {
    try {
      return Files.readString(top().resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs {@code ./lab} with {@code words}, and returns what it prints. */
  static String command(String... words) {
    var command = new ArrayList<>(List.of(top().resolve("lab").toString()));
    command.addAll(List.of(words));
    return run(command);
  }

  static String run(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(String.join(" ", command) + " did not end: " + output);
      }
      if (process.exitValue() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + output);
      }
      return output.strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path top() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.isExecutable(directory.resolve("mvnw"))) {
      directory = directory.getParent();
      if (directory == null) {
        throw new IllegalStateException("the repository's top was not found");
      }
    }
    return directory;
  }
}

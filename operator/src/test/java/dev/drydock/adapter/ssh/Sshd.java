package dev.drydock.adapter.ssh;

import dev.drydock.port.HostAccess;
import dev.drydock.port.HostAccess.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real OpenSSH server on a free port of localhost, for the user who runs the test. */
public final class Sshd implements AutoCloseable {
  public static final String USER = System.getProperty("user.name");

  private final Path directory;
  private final int port;
  private final List<String> within;
  private Process process;

  private Sshd(Path directory, int port, List<String> within, Process process) {
    this.directory = directory;
    this.port = port;
    this.within = within;
    this.process = process;
  }

  /** Starts a server with {@code options} of sshd_config(5) besides its own. */
  public static Sshd start(String... options) {
    return start(List.of(), options);
  }

  /**
   * Starts a server in whose sessions /run/lock and the process numbers are others than this
   * machine's, as in a container; needs root.
   */
  public static Sshd startApart() {
    return start(
        List.of(
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "sh",
            "-c",
            "mount -t tmpfs -o mode=1777 tmpfs /run/lock && exec \"$@\"",
            "apart"));
  }

  private static Sshd start(List<String> within, String... options) {
    try {
      var binary = Path.of("/usr/sbin/sshd");
      if (!Files.isExecutable(binary)) {
        throw new IllegalStateException("this test needs a real sshd: install openssh-server");
      }
      // sshd's privilege separation directory; it is on a tmpfs and made by the init script.
      if (USER.equals("root")) {
        Files.createDirectories(Path.of("/run/sshd"));
      }
      Path directory = Files.createTempDirectory("sshd");
      keygen(directory.resolve("host_ed25519"), "ed25519", "");
      keygen(directory.resolve("host_rsa"), "rsa", "");
      keygen(directory.resolve("user"), "ed25519", "");
      Files.copy(directory.resolve("user.pub"), directory.resolve("authorized_keys"));
      // What a developer's own .bashrc does at a login may take long, and is none of a test's.
      Path home = Files.createDirectory(directory.resolve("home"));
      int port = freePort();
      Files.writeString(
          directory.resolve("config"),
          String.join(
              "\n",
              Stream.concat(
                      Stream.of(options),
                      Stream.of(
                          "ListenAddress 127.0.0.1",
                          "Port " + port,
                          "HostKey " + directory.resolve("host_ed25519"),
                          "HostKey " + directory.resolve("host_rsa"),
                          "AuthorizedKeysFile " + directory.resolve("authorized_keys"),
                          "PidFile none",
                          "SetEnv HOME=" + home,
                          "StrictModes no",
                          "UsePAM no",
                          "PasswordAuthentication no",
                          "PermitRootLogin prohibit-password",
                          "MaxStartups 200",
                          ""))
                  .toList()));
      var sshd = new Sshd(directory, port, within, launch(directory, within));
      sshd.awaitListening();
      return sshd;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Process launch(Path directory, List<String> within) throws IOException {
    return new ProcessBuilder(
            Stream.concat(
                    within.stream(),
                    Stream.of(
                        "/usr/sbin/sshd", "-D", "-e", "-f", directory.resolve("config").toString()))
                .toList())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("log").toFile())
        .start();
  }

  private void awaitListening() throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (true) {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        return;
      } catch (IOException e) {
        if (System.nanoTime() > end || !process.isAlive()) {
          throw new IllegalStateException(
              "sshd did not start: " + Files.readString(directory.resolve("log")), e);
        }
        Thread.onSpinWait();
      }
    }
  }

  /** Makes a key pair at {@code file} and {@code file}.pub. */
  public static void keygen(Path file, String type, String passphrase) {
    execute("ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", "test", "-f", file.toString());
  }

  static void execute(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return port;
  }

  public long pid() {
    return process.pid();
  }

  public Path file(String name) {
    return directory.resolve(name);
  }

  public String text(String name) {
    try {
      return Files.readString(file(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String log() {
    return text("log");
  }

  /** The public part of a key file, as {@code type base64}. */
  public String publicKey(String name) {
    return text(name + ".pub").replaceFirst(" test\\s*$", "");
  }

  HostAccess access() {
    return access(new Identity(text("user"), null, null));
  }

  HostAccess access(Identity identity) {
    return new HostAccess(
        "test/host" + port,
        "127.0.0.1",
        port,
        USER,
        identity,
        List.of(publicKey("host_ed25519")),
        null);
  }

  void restart() {
    stop();
    try {
      process = launch(directory, within);
      awaitListening();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the server and every session of it. */
  void stop() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    stop();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.drydock.adapter.ssh;

import com.jcraft.jsch.ChannelExec;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import com.jcraft.jsch.SocketFactory;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostShell.Failure;
import dev.drydock.port.Script;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One SSH session with one {@code /bin/sh} that stays, and is fed scripts on its standard input.
 * The end of each is a line with a marker that no output can guess. Not for two threads at once.
 *
 * <p>The remote command is the constant {@code exec /bin/sh}, which every login shell understands;
 * the host's own sshd makes that shell the leader of a session, by which everything it started can
 * be found and killed.
 */
final class RemoteShell {
  private static final int OUTPUT_CAP = 512 * 1024;
  private static final int KILL_OUTPUT_CAP = 4096;
  private static final int SERVER_ALIVE_MILLIS = 30_000;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Debian's default path for root, so that sbin is there whoever logs in. */
  private static final String PROLOGUE =
      """
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
      LC_ALL=C
      export PATH LC_ALL
      unset ENV LANGUAGE TERM COLUMNS
      """;

  private static final String KILL_SESSION =
      """
      sid=$1
      run=$2
      for p in /proc/[0-9]*; do
        read -r stat < "$p/stat" || continue
        set -- ${stat##*) }
        [ "$4" = "$sid" ] && kill -KILL "${p#/proc/}"
      done
      # What made a session of its own still has the environment it was started with.
      for p in $(grep -ls "DRYDOCK_RUN=$run" /proc/[0-9]*/environ); do
        p=${p#/proc/}
        kill -KILL "${p%/environ}"
      done
      """;

  private final Guard guard;
  private final Session session;
  private final ChannelExec channel;
  private final OutputStream input;
  private final Transcript transcript;
  private final String remotePid;
  private final String hostKey;
  private volatile String lastRun = "none";

  private RemoteShell(
      Guard guard,
      Session session,
      ChannelExec channel,
      OutputStream input,
      Transcript transcript,
      String remotePid,
      String hostKey) {
    this.guard = guard;
    this.session = session;
    this.channel = channel;
    this.input = input;
    this.transcript = transcript;
    this.remotePid = remotePid;
    this.hostKey = hostKey;
  }

  /**
   * Connects, proves the host's key, logs in and starts the shell. Blocks for as long as the
   * network does: the caller ends it from another thread by {@code guard}.
   */
  static RemoteShell open(HostAccess host, @Nullable Session jump, Guard guard, long deadlineNanos)
      throws HostFailure, InterruptedException {
    var jsch = new JSch();
    Identities.add(jsch, host.identity());
    var keys = new PinnedKeys(host.hostKeys());
    jsch.setHostKeyRepository(keys);
    var login = new LoginWatch();
    try {
      var session = jsch.getSession(host.user(), host.address(), host.port());
      session.setLogger(login);
      session.setConfig(Algorithms.forPinned(host.hostKeys()));
      session.setThreadFactory(Thread.ofVirtual().name("ssh " + host.name()).factory());
      session.setServerAliveInterval(SERVER_ALIVE_MILLIS);
      if (jump == null) {
        session.setSocketFactory(guard);
      } else {
        var proxy = new JumpProxy(jump);
        guard.onAbort(proxy::close);
        session.setProxy(proxy);
      }
      int millis = (int) Math.max(1, (deadlineNanos - System.nanoTime()) / 1_000_000);
      session.connect(millis);
      return start(session, guard, keys.shown().orElse(""), deadlineNanos);
    } catch (JSchException e) {
      throw Refusals.explain(e, host, keys.shown().orElse("an unknown key"), login.broke());
    }
  }

  private static RemoteShell start(Session session, Guard guard, String hostKey, long deadlineNanos)
      throws JSchException, HostFailure, InterruptedException {
    try {
      var transcript = new Transcript(OUTPUT_CAP);
      var channel = (ChannelExec) session.openChannel("exec");
      channel.setCommand("exec /bin/sh");
      channel.setOutputStream(transcript);
      channel.setErrStream(OutputStream.nullOutputStream());
      OutputStream input = channel.getOutputStream();
      channel.connect();
      String marker = marker();
      transcript.expect(marker);
      send(input, PROLOGUE + "printf '\\n%s %s\\n' " + marker + " \"$$\"\n");
      String pid = transcript.await(deadlineNanos).remark();
      if (!pid.matches("[0-9]{1,10}")) {
        throw new HostFailure(
            Failure.UNREACHABLE, "logged in, but what runs there is not a POSIX shell");
      }
      return new RemoteShell(guard, session, channel, input, transcript, pid, hostKey);
    } catch (IOException e) {
      session.disconnect();
      throw new HostFailure(Failure.CONNECTION_LOST, "the connection broke: " + Refusals.text(e));
    } catch (HostFailure | JSchException | InterruptedException e) {
      session.disconnect();
      throw e;
    }
  }

  /** What a script printed, and the status it ended with. */
  record Ended(String output, int exitCode) {}

  Ended run(Script script, long deadlineNanos) throws HostFailure, InterruptedException {
    return run(script, marker(), deadlineNanos);
  }

  /**
   * Runs a script.
   *
   * @param run what the environment of everything that it starts says, and nobody can guess
   */
  Ended run(Script script, String run, long deadlineNanos)
      throws HostFailure, InterruptedException {
    String marker = marker();
    lastRun = run;
    transcript.expect(marker);
    try {
      send(
          input,
          "(\nDRYDOCK_RUN="
              + run
              + "\nexport DRYDOCK_RUN\n"
              + script.render()
              // Descriptor 9 holds a lock, which nothing that is left behind may go on holding.
              + ") </dev/null 2>/dev/null 9<&-\nprintf '\\n%s %d\\n' "
              + marker
              + " $?\n");
    } catch (IOException e) {
      throw new HostFailure(Failure.CONNECTION_LOST, "the connection broke: " + Refusals.text(e));
    }
    return ended(deadlineNanos);
  }

  private Ended ended(long deadlineNanos) throws HostFailure, InterruptedException {
    Transcript.Section section = transcript.await(deadlineNanos);
    try {
      return new Ended(section.text(), Integer.parseInt(section.remark()));
    } catch (NumberFormatException e) {
      throw new HostFailure(Failure.CONNECTION_LOST, "the host's shell answered out of step");
    }
  }

  /** Runs a script in the shell itself, so that what it opens stays open; it must not exit. */
  Ended runWithin(Script script, long deadlineNanos) throws HostFailure, InterruptedException {
    String marker = marker();
    transcript.expect(marker);
    tell(script.render() + "printf '\\n%s %d\\n' " + marker + " $?\n");
    return ended(deadlineNanos);
  }

  /**
   * Starts a script that reads what {@link #tell} says, and waits until it prints a line of {@code
   * ready} and a word.
   */
  void begin(Script script, String ready, long deadlineNanos)
      throws HostFailure, InterruptedException {
    transcript.expect(ready);
    tell(script.render());
    var _ = transcript.await(deadlineNanos);
  }

  /** Waits for another line of {@code marker} and a word from a script that was begun. */
  void awaitLine(String marker, String say, long deadlineNanos)
      throws HostFailure, InterruptedException {
    transcript.expect(marker);
    tell(say);
    var _ = transcript.await(deadlineNanos);
  }

  /** Writes to the shell's standard input. */
  void tell(String text) throws HostFailure {
    try {
      send(input, text);
    } catch (IOException e) {
      throw new HostFailure(Failure.CONNECTION_LOST, "the connection broke: " + Refusals.text(e));
    }
  }

  /** A second shell of the same session, on a channel of its own. */
  RemoteShell beside(long deadlineNanos) throws HostFailure, InterruptedException {
    try {
      return start(session, guard, hostKey, deadlineNanos);
    } catch (JSchException e) {
      throw new HostFailure(
          Failure.UNREACHABLE, "no second channel: does sshd's MaxSessions allow two?");
    }
  }

  /** The process id of the shell, which is also its session's. */
  String remotePid() {
    return remotePid;
  }

  /** What the environment of everything that the newest script started says. */
  String lastRun() {
    return lastRun;
  }

  /** Kills everything that the shell started, and the shell, then closes the session. */
  void killAndClose(long deadlineNanos) {
    try {
      var ended = new Transcript(KILL_OUTPUT_CAP);
      var killer = (ChannelExec) session.openChannel("exec");
      killer.setCommand("exec /bin/sh");
      killer.setOutputStream(ended);
      killer.setErrStream(OutputStream.nullOutputStream());
      OutputStream commands = killer.getOutputStream();
      killer.connect();
      String marker = marker();
      ended.expect(marker);
      send(
          commands,
          Script.of(KILL_SESSION, List.of(remotePid, lastRun)).render()
              + "printf '\\n%s 0\\n' "
              + marker
              + "\n");
      ended.await(deadlineNanos);
    } catch (JSchException | IOException | HostFailure e) {
      // The session is beyond reach; sshd ends the shell when it notices.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close();
    }
  }

  boolean isAlive() {
    return session.isConnected() && channel.isConnected();
  }

  /** The fingerprint of the key that the host showed, as {@code SHA256:…}. */
  String hostKey() {
    return hostKey;
  }

  Session session() {
    return session;
  }

  void close() {
    guard.abort();
    session.disconnect();
  }

  private static void send(OutputStream to, String text) throws IOException {
    to.write(text.getBytes(StandardCharsets.UTF_8));
    to.flush();
  }

  static String marker() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** Holds what has to be closed so that a blocked connection attempt ends. */
  static final class Guard implements SocketFactory {
    private boolean aborted;
    private Runnable abort = () -> {};

    void abort() {
      Runnable now;
      synchronized (this) {
        aborted = true;
        now = abort;
      }
      now.run();
    }

    void onAbort(Runnable action) {
      boolean late;
      synchronized (this) {
        abort = action;
        late = aborted;
      }
      if (late) {
        action.run();
      }
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      var socket = new Socket();
      onAbort(
          () -> {
            try {
              socket.close();
            } catch (IOException e) {
              // Nothing is left to be closed.
            }
          });
      // Without a time of its own: whoever holds the guard ends it.
      socket.connect(new InetSocketAddress(host, port));
      return socket;
    }

    @Override
    public InputStream getInputStream(Socket socket) throws IOException {
      return socket.getInputStream();
    }

    @Override
    public OutputStream getOutputStream(Socket socket) throws IOException {
      return socket.getOutputStream();
    }
  }
}

package dev.drydock.adapter.ssh;

import dev.drydock.port.HostShell.Failure;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Where JSch's reading thread puts what a shell prints, and where the caller waits for a line that
 * starts with its marker. Nothing polls, and no more than the cap is kept, however much comes.
 */
final class Transcript extends OutputStream {
  private static final int FIRST_CAPACITY = 4096;

  private final int cap;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  private byte[] kept = new byte[FIRST_CAPACITY];
  private int length;
  private byte @Nullable [] marker;
  private boolean ended;
  private boolean tooLarge;
  private boolean closed;

  Transcript(int cap) {
    this.cap = cap;
  }

  /** Forgets what came before and looks out for a last line that starts with {@code marker}. */
  void expect(String marker) {
    lock.lock();
    try {
      this.marker = ("\n" + marker + " ").getBytes(StandardCharsets.US_ASCII);
      kept = new byte[FIRST_CAPACITY];
      length = 0;
      ended = false;
      tooLarge = false;
    } finally {
      lock.unlock();
    }
  }

  /** What came before the marker's line, and what stood behind the marker on it. */
  record Section(String text, String remark) {}

  /** Waits until the marker's line is complete. */
  Section await(long deadlineNanos) throws HostFailure, InterruptedException {
    lock.lock();
    try {
      while (!ended) {
        if (tooLarge) {
          throw new HostFailure(
              Failure.OUTPUT_TOO_LARGE, "the host sent more than " + cap / 1024 + " KiB");
        }
        if (closed) {
          throw new HostFailure(
              Failure.CONNECTION_LOST, "the connection broke before the host had answered");
        }
        long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
          throw new HostFailure(Failure.TIMED_OUT, "the host did not answer in time");
        }
        changed.awaitNanos(left);
      }
      int at = markerAt();
      byte[] mark = Objects.requireNonNull(marker);
      int remark = at + mark.length;
      var section =
          new Section(
              new String(kept, 0, at, StandardCharsets.UTF_8),
              new String(kept, remark, length - 1 - remark, StandardCharsets.US_ASCII));
      kept = new byte[0];
      length = 0;
      marker = null;
      return section;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) {
    lock.lock();
    try {
      if (tooLarge || marker == null) {
        return;
      }
      if (length + count > cap) {
        tooLarge = true;
        kept = new byte[0];
        length = 0;
        changed.signalAll();
        return;
      }
      if (length + count > kept.length) {
        kept = Arrays.copyOf(kept, Math.min(cap, Math.max(2 * kept.length, length + count)));
      }
      System.arraycopy(bytes, offset, kept, length, count);
      length += count;
      if (kept[length - 1] == '\n' && markerAt() >= 0) {
        ended = true;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Where the last complete line starts with the marker; the newline before it is part of it. */
  private int markerAt() {
    if (marker == null || length == 0) {
      return -1;
    }
    int start = length - 2;
    while (start >= 0 && kept[start] != '\n') {
      start--;
    }
    if (start < 0 || length - start < marker.length) {
      return -1;
    }
    for (int i = 0; i < marker.length; i++) {
      if (kept[start + i] != marker[i]) {
        return -1;
      }
    }
    return start;
  }
}

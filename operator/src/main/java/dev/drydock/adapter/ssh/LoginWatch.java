package dev.drydock.adapter.ssh;

import com.jcraft.jsch.Logger;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Notes that a login broke off midway: JSch tells that to its log alone, and calls it refused. */
final class LoginWatch implements Logger {
  private volatile boolean broke;

  boolean broke() {
    return broke;
  }

  @Override
  public boolean isEnabled(int level) {
    return level == WARN;
  }

  @Override
  public void log(int level, String message) {}

  @Override
  public void log(int level, String message, @Nullable Throwable cause) {
    broke |= cause instanceof IOException;
  }
}

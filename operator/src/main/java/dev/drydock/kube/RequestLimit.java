package dev.drydock.kube;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * How many requests are on their way to the API server at a time. Reconciles run on as many virtual
 * threads as there are resources; without a limit, the start with thousands of them would leave the
 * lease no chance to be renewed. The lease itself is not limited.
 */
public final class RequestLimit {
  private final Semaphore permits;

  /**
   * @param most at a time
   */
  public RequestLimit(int most) {
    permits = new Semaphore(most, true);
  }

  /** Makes a request when it is its turn. */
  public <T> T within(Supplier<T> request) {
    permits.acquireUninterruptibly();
    try {
      return request.get();
    } finally {
      permits.release();
    }
  }
}

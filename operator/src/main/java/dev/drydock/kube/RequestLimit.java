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
  private volatile boolean closed;

  /** The operator stops: nothing is asked or written any more. */
  public static final class ClosedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClosedException() {
      super("the operator stops");
    }
  }

  /**
   * @param most at a time
   */
  public RequestLimit(int most) {
    permits = new Semaphore(most, true);
  }

  /**
   * Lets no request out any more. Informers that are stopped forget what they knew, and turns that
   * are still under way would take hosts and Jobs for gone.
   */
  public void close() {
    closed = true;
  }

  /**
   * @throws ClosedException once it is closed
   */
  void demandOpen() {
    if (closed) {
      throw new ClosedException();
    }
  }

  /**
   * Makes a request when it is its turn.
   *
   * @throws ClosedException once it is closed
   */
  public <T> T within(Supplier<T> request) {
    permits.acquireUninterruptibly();
    try {
      demandOpen();
      return request.get();
    } finally {
      permits.release();
    }
  }
}

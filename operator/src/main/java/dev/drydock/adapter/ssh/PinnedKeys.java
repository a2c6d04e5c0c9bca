package dev.drydock.adapter.ssh;

import com.jcraft.jsch.HostKey;
import com.jcraft.jsch.HostKeyRepository;
import com.jcraft.jsch.UserInfo;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The keys that a host may show. Remembers the one that it did show; nothing is ever added. */
final class PinnedKeys implements HostKeyRepository {
  private final List<String> pinned;
  private volatile @Nullable String shown;

  /**
   * @param hostKeys as {@code type base64}
   */
  PinnedKeys(List<String> hostKeys) {
    pinned = hostKeys.stream().map(key -> key.substring(key.indexOf(' ') + 1)).toList();
  }

  @Override
  public int check(String host, byte[] key) {
    shown = fingerprint(key);
    return pinned.contains(Base64.getEncoder().encodeToString(key)) ? OK : CHANGED;
  }

  /** What {@code ssh-keygen -l} prints of the key that was shown; empty before that. */
  Optional<String> shown() {
    return Optional.ofNullable(shown);
  }

  private static String fingerprint(byte[] key) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(key);
      return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public void add(HostKey key, @Nullable UserInfo user) {
    throw new IllegalStateException("a host key is pinned in the Host, and nowhere else");
  }

  @Override
  public void remove(String host, @Nullable String type) {
    // JSch removes a changed key before it adds the new one: neither happens here.
  }

  @Override
  public void remove(String host, @Nullable String type, byte @Nullable [] key) {
    // As above.
  }

  @Override
  public String getKnownHostsRepositoryID() {
    return "the Host's spec.hostKeys";
  }

  @Override
  public HostKey[] getHostKey() {
    return new HostKey[0];
  }

  @Override
  public HostKey[] getHostKey(@Nullable String host, @Nullable String type) {
    return new HostKey[0];
  }
}

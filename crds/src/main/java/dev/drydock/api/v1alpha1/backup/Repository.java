package dev.drydock.api.v1alpha1.backup;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import dev.drydock.api.v1alpha1.common.SecretKeyReference;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A restic repository. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "[has(self.s3), has(self.sftp), has(self.volume)].filter(x, x).size() == 1",
    message = "a repository is in exactly one place; set one of s3, sftp, volume")
public record Repository(
    @JsonPropertyDescription("A bucket of S3, or of a service that speaks it.") @Nullable S3 s3,
    @JsonPropertyDescription("A directory on a host, over SFTP. The Host must permit Backup.")
        @Nullable Sftp sftp,
    @JsonPropertyDescription("A PersistentVolumeClaim in the same namespace.")
        @Nullable Volume volume,
    @Required
        @JsonPropertyDescription(
            "The Secret's key that holds the repository's password. Without it nothing can ever be"
                + " restored: keep a copy elsewhere.")
        SecretKeyReference passwordSecret) {

  /** A bucket. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record S3(
      @Required
          @Size(max = 1024)
          @Pattern(Formats.ENDPOINT)
          @JsonPropertyDescription("The server's address, for example https://s3.example.com.")
          String endpoint,
      @Required
          @Size(min = 3, max = 63)
          @Pattern(Formats.BUCKET)
          @JsonPropertyDescription("The bucket's name.")
          String bucket,
      @Size(min = 1, max = 512)
          @Pattern(Formats.PREFIX)
          @JsonPropertyDescription(
              "Where in the bucket the repository is, for example slashing. Default: its root.")
          @Nullable String prefix,
      @Size(min = 1, max = 64)
          @Pattern(Formats.REGION)
          @JsonPropertyDescription("The bucket's region. Default us-east-1.")
          @Nullable String region,
      @Required
          @Size(min = 1, max = 253)
          @Pattern(Formats.OBJECT_NAME)
          @JsonPropertyDescription(
              "Secret with the keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and ca.crt where"
                  + " the server's certificate is not publicly trusted.")
          String secretName) {}

  /** A directory on a host. */
  public record Sftp(
      @Required
          @Size(min = 1, max = 63)
          @Pattern(Formats.NAME)
          @JsonPropertyDescription("Name of a Host in the same namespace.")
          String host,
      @Required
          @Size(min = 2, max = 1024)
          @Pattern(Formats.ABSOLUTE_PATH)
          @JsonPropertyDescription("The repository's directory.")
          String path) {}

  /** A volume of the cluster. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Volume(
      @Required
          @Size(min = 1, max = 253)
          @Pattern(Formats.OBJECT_NAME)
          @JsonPropertyDescription("Name of a PersistentVolumeClaim in the same namespace.")
          String claimName,
      @Size(min = 1, max = 1024)
          @Pattern(Formats.RELATIVE_PATH)
          @JsonPropertyDescription("The repository's directory in the volume. Default: its root.")
          @Nullable String path) {}
}

package dev.drydock.api.v1alpha1.bluegreen;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A work tree on a host. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "!self.directory.matches('^[/.]*(bin|boot|dev|etc|home|lib|lib64|media|mnt|opt|proc|root|"
            + "run|sbin|srv|sys|tmp|usr|var)?[/.]*$')",
    message =
        "the repository needs a directory of its own: name one below, for example /opt/gateway")
public record Git(
    @Required
        @Size(max = 1024)
        @Pattern(Formats.GIT_URL)
        @JsonPropertyDescription(
            "The repository, as https://, ssh:// or file:// (on the host); credentials belong into"
                + " secretName.")
        String url,
    @Required
        @Size(min = 1, max = 128)
        @Pattern(Formats.GIT_REVISION)
        @ValidationRule(
            value = "!self.contains('..') && !self.contains('//')",
            message = "revision is one commit, tag or branch: ranges can't be brought out")
        @JsonPropertyDescription(
            "A commit, a tag or a branch; what it points to when the gate or deployment begins is"
                + " what is used to its end.")
        String revision,
    @Required
        @Size(max = 512)
        @Pattern(Formats.ABSOLUTE_PATH)
        @JsonPropertyDescription(
            "Directory on the host that belongs to Drydock: what differs from the revision is"
                + " thrown away.")
        String directory,
    @Size(min = 1, max = 253)
        @Pattern(Formats.OBJECT_NAME)
        @JsonPropertyDescription(
            "Secret with the keys username and password for https, or ssh-privatekey and"
                + " known_hosts for ssh. Default: what the host's user can read.")
        @Nullable String secretName) {}
